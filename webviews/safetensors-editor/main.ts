import '../kit/localisation';
import '../kit/kit.css';
import { readToSafetensorsEditor, type FromSafetensorsEditor, type ToSafetensorsEditor } from '../../src/protocol/safetensors-editor';
import { registerControls } from '../kit/controls';
import { connectHost } from '../kit/host';
import { pageRoot } from '../kit/panel';
import { mountSafetensorsEditor } from './editor';

registerControls();
mountSafetensorsEditor(pageRoot(), connectHost<ToSafetensorsEditor, FromSafetensorsEditor>(readToSafetensorsEditor));
