import { piecesOf, wholeMessages } from '../../../src/protocol/pieces';

const long = { type: 'file', text: 'λ"\\'.repeat(400_000) };

test('a long message comes whole out of its pieces, and others pass between them', () => {
  const pieces = [...piecesOf(JSON.stringify(long))];
  expect(pieces.length).toBeGreaterThan(2);
  const whole = wholeMessages();
  expect(whole(pieces[0])).toEqual([]);
  expect(whole({ type: 'work', text: null })).toEqual([{ type: 'work', text: null }]);
  expect(pieces.slice(1).flatMap(whole)).toEqual([long]);
  expect([...piecesOf('{"type":"empty"}')].flatMap(whole)).toEqual([{ type: 'empty' }]);
});

test('the end of a message whose start was not seen is dropped, and a new one starts afresh', () => {
  const pieces = [...piecesOf(JSON.stringify(long))];
  const whole = wholeMessages();
  expect(pieces.slice(1).flatMap(whole)).toEqual([]);
  whole(pieces[0]);
  expect(pieces.flatMap(whole)).toEqual([long]);
});
