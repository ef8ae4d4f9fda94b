import '../kit/localisation';
import '../kit/kit.css';
import './blend.css';
import { readToBlendPanel, type FromBlendPanel, type ToBlendPanel } from '../../src/protocol/blend-panel';
import { registerControls } from '../kit/controls';
import { connectHost } from '../kit/host';
import { pageRoot } from '../kit/panel';
import { mountBlend } from './blend';

registerControls();
mountBlend(pageRoot(), connectHost<ToBlendPanel, FromBlendPanel>(readToBlendPanel));
