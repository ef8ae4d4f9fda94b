/** Words as the rouge-score package splits them: lower case, letters a–z and digits alone, no stemming. */
export function rougeWords(text: string): string[] {
  return text.toLowerCase().match(/[a-z0-9]+/g) ?? [];
}

/** What pycocoevalcap drops after tokenising. Its list has brackets in capitals, which lower case has turned by then: they stay. */
const droppedPunctuation = new Set(["'", '"', '`', '.', '?', '!', ',', ':', '-', '--', '...', ';']);
const bracketNames: Readonly<Record<string, string>> = { '(': '-lrb-', ')': '-rrb-', '[': '-lsb-', ']': '-rsb-', '{': '-lcb-', '}': '-rcb-' };

const contraction = /^(.+?)('s|'re|'ve|'ll|'d|'m|n't)$/;
const token = /\.{3}|-{2,}|\d+(?:[.,:/]\d+)*(?:-?[\p{L}\p{N}]+)*|(?:\p{L}\.){2,}|[\p{L}\p{N}]+(?:['-][\p{L}\p{N}]+)*|\S/gu;

/**
 * Words as captioning benchmarks split them: the Penn Treebank tokeniser in lower case, without punctuation, as
 * pycocoevalcap calls it. A subset of that tokeniser in a few rules: contractions are parted (it 's, do n't, can not),
 * hyphenated words, numbers and times stay whole, symbols stand alone. Abbreviations other than initials lose their dot.
 */
export function captionWords(text: string): string[] {
  const found = text.toLowerCase().replaceAll('’', "'").match(token) ?? [];
  return found.flatMap(parted).filter((word) => !droppedPunctuation.has(word));
}

function parted(word: string): string[] {
  if (word === 'cannot') return ['can', 'not'];
  const parts = contraction.exec(word);
  return parts ? [parts[1]!, parts[2]!] : [bracketNames[word] ?? word];
}
