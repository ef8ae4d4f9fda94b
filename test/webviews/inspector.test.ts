import type { FromInspector, InspectorSnapshot, ToInspector } from '../../src/protocol/panels';
import { registerControls } from '../../webviews/kit/controls';
import { distanceFacts, mountInspector } from '../../webviews/inspector/inspector';

const snapshot: InspectorSnapshot = {
  path: '/lab/experts/risky',
  title: 'risky',
  description: 'expert',
  facts: [['Tensors', '2']],
  metadata: [['format', 'pt']],
  tensors: [{ name: 'actor.weight', dtype: 'F32', shape: [64, 17], bytes: 4352 }, { name: 'critic.bias', dtype: 'BF16', shape: [], bytes: 2 }],
  distance: null,
};

function openInspector() {
  document.body.innerHTML = '<main id="root"></main>';
  const root = document.getElementById('root')!;
  const posted: FromInspector[] = [];
  let send: (message: ToInspector) => void = () => undefined;
  registerControls();
  mountInspector(root, { post: (message) => posted.push(message), listen: (listener) => ((send = listener), () => undefined), savedState: () => undefined, saveState: () => undefined });
  return { root, posted, send: (message: ToInspector) => send(message) };
}

test('facts, metadata and tensors; the filter takes every word and stays while the distance arrives', () => {
  const { root, posted, send } = openInspector();
  expect(posted).toEqual([{ type: 'ready' }]);
  send({ type: 'checkpoint', snapshot });
  expect(root.textContent).toContain('being computed');
  expect(root.querySelectorAll('tbody tr')).toHaveLength(2);
  const search = root.querySelector<HTMLInputElement>('.search')!;
  search.value = 'f32 actor';
  search.dispatchEvent(new Event('input'));
  expect([...root.querySelectorAll('tbody th')].map(({ textContent }) => textContent)).toEqual(['actor.weight']);
  expect(root.textContent).toContain('1 of 2 tensors');
  send({ type: 'checkpoint', snapshot: { ...snapshot, distance: { base: '/lab/base', norm: 2, relative: 0.125, cosine: 0.999992 } } });
  expect(root.textContent).toContain('12.50 % of ‖θ₀‖');
  expect(root.querySelectorAll('tbody tr')).toHaveLength(1);
});

test('Show in Explorer posts the path', () => {
  const { root, posted, send } = openInspector();
  send({ type: 'checkpoint', snapshot });
  root.querySelector<HTMLButtonElement>('.link')!.click();
  expect(posted.at(-1)).toEqual({ type: 'reveal', path: '/lab/experts/risky' });
});

test('nothing selected, and a file that cannot be read', () => {
  const { root, send } = openInspector();
  send({ type: 'empty' });
  expect(root.textContent).toContain('Select a checkpoint');
  send({ type: 'failure', path: '/lab/broken.safetensors', message: 'truncated' });
  expect(root.querySelector('[role=alert]')!.textContent).toBe('truncated');
});

test('a cosine near 1 keeps its digits', () => {
  expect(distanceFacts({ base: 'b', norm: 1, relative: 0.1, cosine: 0.999992 })[1]).toEqual(['Cosine with base', '1 − 8.00e-6']);
  expect(distanceFacts({ error: 'No base of this checkpoint is in the workspace.' })).toEqual([['Distance to base', 'No base of this checkpoint is in the workspace.']]);
});
