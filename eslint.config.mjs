import tseslint from 'typescript-eslint';

const vscodeOnlyInTheEditor = {
  paths: [{ name: 'vscode', message: 'Only src/editor and src/extension.ts import vscode: move the editor part there.' }],
};
const trainerStaysOutside = {
  patterns: [{ group: ['**/trainer/**', '@tensorflow/*', 'mujoco-js'], message: 'The trainer is a process of its own: start it through src/runs.' }],
};

export default tseslint.config(
  { ignores: ['dist/', 'out/', 'node_modules/', 'test/vscode-host/', 'test-results/', 'coverage/', '**/kernels/**/*.as.ts', '**/runs/*/'] },
  ...tseslint.configs.recommended,
  {
    files: ['**/*.{ts,mts,mjs,cjs}'],
    rules: {
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-console': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],
    },
  },
  { files: ['src/**/*.ts'], ignores: ['src/editor/**', 'src/extension.ts'], rules: { 'no-restricted-imports': ['error', vscodeOnlyInTheEditor] } },
  { files: ['src/editor/**/*.ts', 'src/extension.ts', 'webviews/**/*.ts'], rules: { 'no-restricted-imports': ['error', trainerStaysOutside] } },
  { files: ['webviews/**/*.ts'], rules: { 'no-restricted-imports': ['error', { ...vscodeOnlyInTheEditor, ...trainerStaysOutside }] } },
  { files: ['src/cli/**', 'scripts/**', 'bench/**', 'test/**'], rules: { 'no-console': 'off' } },
  { files: ['**/*.cjs'], rules: { '@typescript-eslint/no-require-imports': 'off' } },
);
