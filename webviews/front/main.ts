import '../kit/localisation';
import '../kit/kit.css';
import { startPanel } from '../kit/panel';
import { front } from './panel';

startPanel(front);
