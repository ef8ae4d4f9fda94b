import '../kit/localisation';
import '../kit/kit.css';
import { startPanel } from '../kit/panel';
import { rewardCurves } from './panel';

startPanel(rewardCurves);
