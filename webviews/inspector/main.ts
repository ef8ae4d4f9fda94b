import '../kit/localisation';
import '../kit/kit.css';
import { readToInspector, type FromInspector, type ToInspector } from '../../src/protocol/inspector';
import { vegaChart } from '../kit/chart';
import { connectHost } from '../kit/host';
import { openPage } from '../kit/page';
import { mountInspector } from './inspector';

mountInspector(openPage(), connectHost<ToInspector, FromInspector>(readToInspector), vegaChart);
