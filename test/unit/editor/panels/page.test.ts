import { pageHtml } from '../../../../src/editor/panels/page';

const parts = { panel: 'lmc-check', title: 'LMC Check: a "b" <c>', scriptUri: 'https://host/lmc-check.js', styleUri: null, cspSource: 'https://host', nonce: 'N0NCE', translation: null };

test('scripts run by nonce alone, and nothing is evaluated', () => {
  const html = pageHtml(parts);
  const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(html)![1];
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("script-src 'nonce-N0NCE'");
  expect(policy).not.toMatch(/unsafe-eval|script-src[^;]*unsafe-inline/);
  expect(html.match(/<script/g)).toHaveLength(1);
  expect(html).toContain('<script nonce="N0NCE" src="https://host/lmc-check.js"></script>');
});

test('names cannot break out of the page', () => {
  const html = pageHtml({ ...parts, title: '</title><script>alert(1)</script>' });
  expect(html).not.toContain('<script>alert');
});

test('a style sheet is linked where there is one', () => {
  expect(pageHtml(parts)).not.toContain('stylesheet');
  expect(pageHtml({ ...parts, styleUri: 'https://host/x.css?a&b' })).toContain('href="https://host/x.css?a&amp;b"');
});
