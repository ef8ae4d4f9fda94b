import '../kit/localisation';
import '../kit/kit.css';
import { startPanel } from '../kit/panel';
import { lmcCheck } from './panel';

startPanel(lmcCheck);
