import '../kit/localisation';
import '../kit/kit.css';
import { startPanel } from '../kit/panel';
import { spiderMapPanel } from './panel';

startPanel(spiderMapPanel);
