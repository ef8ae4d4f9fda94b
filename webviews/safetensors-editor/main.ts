import '../kit/localisation';
import '../kit/kit.css';
import { readToSafetensorsEditor, type FromSafetensorsEditor, type ToSafetensorsEditor } from '../../src/protocol/safetensors-editor';
import { connectHost } from '../kit/host';
import { openPage } from '../kit/page';
import { mountSafetensorsEditor } from './editor';

mountSafetensorsEditor(openPage(), connectHost<ToSafetensorsEditor, FromSafetensorsEditor>(readToSafetensorsEditor));
