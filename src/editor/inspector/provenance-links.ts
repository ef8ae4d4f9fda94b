import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import * as l10n from '@vscode/l10n';
import { weightText } from '../../analysis/simplex';
import type { Checkpoint } from '../../checkpoint/checkpoint';
import type { ProvenanceLink } from '../../protocol/inspector';
import { readWrittenRecord } from '../../runs/run-directory';

/** Where a checkpoint comes from, as the files beside its weights tell: `soup.json` with its inputs, and `run.json`. */
export async function provenanceLinks({ files }: Pick<Checkpoint, 'files'>): Promise<ProvenanceLink[]> {
  const directory = path.dirname(files[0]!);
  return [...(await soupLinks(directory)), ...(await runLinks(directory))];
}

async function soupLinks(directory: string): Promise<ProvenanceLink[]> {
  const file = path.join(directory, 'soup.json');
  const record = await readJson(file);
  if (record === null) return [];
  const weights = isRecord(record.weights) ? record.weights : {};
  const inputs = (Array.isArray(record.inputs) ? record.inputs : []).filter(isRecord).flatMap(({ name, path: at }): ProvenanceLink[] => {
    if (typeof name !== 'string' || typeof at !== 'string') return [];
    const weight = weights[name];
    return [{ label: typeof weight === 'number' ? `λ = ${weightText(weight)}` : l10n.t('Input'), text: name, path: path.resolve(directory, at), opens: 'checkpoint' }];
  });
  const base = isRecord(record.base) && typeof record.base.path === 'string' ? record.base.path : null;
  return [
    { label: l10n.t('Blended by'), text: l10n.t('{0} (soup.json)', String(record.method)), path: file, opens: 'text' },
    ...inputs,
    ...(base === null ? [] : [{ label: l10n.t('Base'), text: path.basename(base), path: path.resolve(directory, base), opens: 'checkpoint' as const }]),
  ];
}

async function runLinks(directory: string): Promise<ProvenanceLink[]> {
  const record = await readWrittenRecord(directory).catch(() => null); // a broken record is told in the Runs view
  if (!record) return [];
  const { kind, state, backend, job } = record;
  const init = job && 'init' in job ? job.init : null;
  const log = path.join(directory, 'log.txt');
  return [
    { label: l10n.t('Trained as'), text: [kind, state, backend].filter(Boolean).join(' · '), path: path.join(directory, 'run.json'), opens: 'text' },
    ...(existsSync(log) ? [{ label: l10n.t('Log'), text: 'log.txt', path: log, opens: 'text' as const }] : []),
    ...(init === null ? [] : [{ label: l10n.t('Started from'), text: path.basename(init), path: init, opens: 'checkpoint' as const }]),
  ];
}

async function readJson(file: string): Promise<Record<string, unknown> | null> {
  try {
    const value: unknown = JSON.parse(await readFile(file, 'utf8'));
    return isRecord(value) ? value : null;
  } catch {
    return null; // not there, or not ours
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
