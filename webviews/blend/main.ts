import '../kit/localisation';
import '../kit/kit.css';
import './blend.css';
import { readToBlendPanel, type FromBlendPanel, type ToBlendPanel } from '../../src/protocol/blend-panel';
import { connectHost } from '../kit/host';
import { openPage } from '../kit/page';
import { mountBlend } from './blend';

mountBlend(openPage(), connectHost<ToBlendPanel, FromBlendPanel>(readToBlendPanel));
