// A file with all that it imports as one CommonJS module: Jest cannot require packages that are ES modules by their package.json.
const esbuild = require('esbuild');

module.exports = {
  process(_source, path) {
    const { outputFiles } = esbuild.buildSync({ entryPoints: [path], bundle: true, format: 'cjs', target: 'node20', write: false });
    return { code: outputFiles[0].text };
  },
};
