// TypeScript and ES modules to CommonJS for Jest, by the bundler the product is built with.
const esbuild = require('esbuild');

module.exports = {
  process(source, path) {
    const { code } = esbuild.transformSync(source, {
      loader: path.endsWith('.ts') ? 'ts' : 'js',
      format: 'cjs',
      target: 'node20',
      sourcemap: 'inline',
      sourcefile: path,
      supported: { 'dynamic-import': false },
    });
    return { code };
  },
};
