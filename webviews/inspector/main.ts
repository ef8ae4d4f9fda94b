import '../kit/localisation';
import '../kit/kit.css';
import { readToInspector, type FromInspector, type ToInspector } from '../../src/protocol/inspector';
import { vegaChart } from '../kit/chart';
import { registerControls } from '../kit/controls';
import { connectHost } from '../kit/host';
import { pageRoot } from '../kit/panel';
import { mountInspector } from './inspector';

registerControls();
mountInspector(pageRoot(), connectHost<ToInspector, FromInspector>(readToInspector), vegaChart);
