import { back, stepByStep, type Step } from '../../../../src/editor/commands/step-by-step';

/** Questions that give what they are told to, and note where they stood. */
function scripted(answers: readonly unknown[]) {
  const asked: string[] = [];
  const queue = [...answers];
  const question = (name: string): Step<readonly string[]> => async (known, { step, totalSteps }) => {
    asked.push(`${name} ${step}/${totalSteps} after ${known.join('')}`);
    const answer = queue.shift();
    return answer === back || answer === null ? (answer as typeof back | null) : [...known, answer as string];
  };
  return { asked, question };
}

test('the way back keeps what was answered before, and questions follow from answers', async () => {
  const { asked, question } = scripted(['a', back, 'b', 'c', 'd']);
  const known = await stepByStep<readonly string[]>('Test', [], ([first]) => [question('one'), question('two'), ...(first === 'b' ? [question('three')] : [])]);
  expect(known).toEqual(['b', 'c', 'd']);
  expect(asked).toEqual(['one 1/2 after ', 'two 2/2 after a', 'one 1/2 after ', 'two 2/3 after b', 'three 3/3 after bc']);
});

test('cancelled, there is no answer; back at the first question asks it again', async () => {
  const { asked, question } = scripted([back, 'a', null]);
  expect(await stepByStep<readonly string[]>('Test', [], () => [question('one'), question('two')])).toBeNull();
  expect(asked).toHaveLength(3);
});
