import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { version } from '../../package.json';
import { studyChartSpec } from '../charts/study-chart';
import { lightTheme } from '../charts/theme';
import type { StudyReport } from '../studies/study';
import { findingText } from '../studies/finding-text';
import { escape, page, sectionHtml, table, type Section } from './page';
import { renderSvg } from './render-svg';

export interface StudyReportInput {
  readonly title: string;
  readonly description: string;
  readonly report: StudyReport;
  readonly settings: Readonly<Record<string, string>>;
  readonly output: string;
}

/**
 * Writes a study's `index.html` (self-contained), its charts as SVG, and `study.json` with findings and tables.
 * @returns path of index.html
 */
export async function writeStudyReport({ title, description, report, settings, output }: StudyReportInput): Promise<string> {
  const sections = await Promise.all(report.sections.map(async ({ heading, note, chart, table: rows }): Promise<Section> => ({
    file: `${heading.toLowerCase().replace(/[^a-z0-9]+/g, '-')}.svg`, heading, note, table: rows, svg: await renderSvg(studyChartSpec(chart, { theme: lightTheme })),
  })));
  const verdict = report.findings.map((finding) => escape(findingText(finding))).join('<br>');
  const html = page(title, [`<p>${escape(description)}</p>`, `<p class="verdict">${verdict}</p>`, ...sections.map(sectionHtml), `<section><h2>Settings</h2>${table([['setting', 'value'], ...Object.entries({ ...settings, 'Rewarded Soups': version })])}</section>`]);
  const json = { study: title, settings, findings: report.findings, sections: report.sections.map(({ heading, note, table: rows }) => ({ heading, note, table: rows })) };

  await mkdir(output, { recursive: true });
  const index = path.join(output, 'index.html');
  await Promise.all([...sections.map(({ file, svg }) => writeFileAtomic(path.join(output, file), svg)), writeFileAtomic(path.join(output, 'study.json'), `${JSON.stringify(json, null, 2)}\n`), writeFileAtomic(index, html)]);
  return index;
}
