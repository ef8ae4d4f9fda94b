import * as l10n from '@vscode/l10n';
import bundle from '../../l10n/bundle.l10n.json';
import { pageHtml } from '../../src/editor/panels/page';

const parts = { panel: 'front', title: 'Front', scriptUri: 'https://host/front.js', styleUri: null, cspSource: 'https://host', nonce: 'N0NCE' };

test('the texts of the language go along with a page as data, which cannot break out of it', async () => {
  const texts = { Table: 'Tabelle </script><script>alert(1)</script>' };
  const page = new DOMParser().parseFromString(pageHtml({ ...parts, translation: { language: 'de', texts } }), 'text/html');
  expect(page.documentElement.lang).toBe('de');
  expect(page.querySelectorAll('script:not([type])')).toHaveLength(1);

  document.body.replaceChildren(page.getElementById('texts')!);
  await import('../../webviews/kit/localisation');
  expect(l10n.t('Table')).toBe(texts.Table);
});

test('a page in another language: all that it says itself is in that language', async () => {
  l10n.config({ contents: Object.fromEntries(Object.keys(bundle).map((text) => [text, `«${text}»`])) });
  const { checkLmc } = await import('../../src/analysis/lmc');
  const { lmcCheck } = await import('../../webviews/lmc-check/panel');
  const { openPanel } = await import('./page');
  const point = (kind: 'expert' | 'soup', a: number, mean: number) => ({ kind, name: `${a}`, weights: { x: a, y: 1 - a }, rewards: { r: { mean, samples: [mean, mean + 1, mean + 2] } } });
  const panel = openPanel(lmcCheck, { version: 1, panel: 'lmc-check', source: '/lab', title: 'lab', view: { show: 'margins', isTableShown: true } });
  panel.show({ report: checkLmc([point('expert', 1, 1), point('expert', 0, 3), point('soup', 0.5, 2.5)], { resamples: 100 }), samplesPerPoint: 3, evaluated: 3, planned: 5, alpha: 0.05 });
  const said = panel.find('h1, h2, p, li, legend, label, th, td, button, vscode-button, .badge, .progress').map(({ textContent }) => textContent!.trim()).filter((text) => /[a-z]{2}/i.test(text));
  const names = ['SVG', 'PNG', 'CSV'];
  expect(said.length).toBeGreaterThan(12);
  expect(said.filter((text) => !text.includes('«') && !names.includes(text))).toEqual([]);
});
