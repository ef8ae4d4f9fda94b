import '../kit/kit.css';
import type { FromInspector, ToInspector } from '../../src/protocol/panels';
import { registerControls } from '../kit/controls';
import { connectHost } from '../kit/host';
import { pageRoot } from '../kit/panel';
import { mountInspector } from './inspector';

registerControls();
mountInspector(pageRoot(), connectHost<ToInspector, FromInspector>());
