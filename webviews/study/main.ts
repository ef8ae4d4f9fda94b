import '../kit/localisation';
import '../kit/kit.css';
import { startPanel } from '../kit/panel';
import { study } from './panel';

startPanel(study);
