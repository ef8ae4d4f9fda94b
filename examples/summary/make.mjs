// Writes the corpus, the prompts and the tokenizer of this example. Every sentence is put together here from a small
// grammar, so the texts belong to nobody.
//   node examples/summary/make.mjs
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
const [corpusLines, promptLines] = [3200, 400];

const list = (text) => text.split(' ');
const words = {
  name: list('anna ben clara david emma felix greta henry ida jonas karla leo maria noah olga paul quentin rosa simon tilda ulrich vera walter yara albert bianca carl dora edith frank hanna igor julia kurt lena martin nina otto petra robert'),
  verb: list('bought sold found lost painted cleaned carried borrowed repaired moved hid broke washed wrapped weighed measured photographed admired returned inspected drew rented'),
  adjective: list('old new red green heavy small broken wooden blue yellow tall dusty shiny cheap rare round narrow plain strange soft'),
  object: list('boat chair lamp bicycle table clock radio ladder basket mirror kettle guitar violin drum tent sofa bench shelf cupboard suitcase blanket carpet candle vase bottle barrel bucket hammer saw rope wheel wagon sledge kite globe map book camera telescope typewriter'),
  place: ['in the garden', 'at the market', 'near the river', 'behind the school', 'on the bridge', 'in the kitchen', 'at the station', 'by the lake', 'in the forest', 'at the harbour', 'near the church', 'behind the barn', 'on the hill', 'in the cellar', 'at the museum', 'by the road', 'in the library', 'near the mill', 'behind the theatre', 'on the roof'],
  day: list('monday tuesday wednesday thursday friday saturday sunday'),
};

/** Mulberry32: the same files every time. */
let state = 7;
function random() {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
}
const pick = (list) => list[Math.floor(random() * list.length)];

const event = () => Object.fromEntries(Object.entries(words).map(([kind, list]) => [kind, pick(list)]));
const sentence = ({ name, verb, adjective, object, place, day }) => `${name} ${verb} the ${adjective} ${object} ${place} on ${day} .`;
const report = () => {
  const events = [event(), event()];
  return { events, source: events.map(sentence).join(' ') };
};
const promptOf = (source) => `${source} summary :`;

/** Which parts a summary tells is drawn part by part, so that each can be learned or unlearned for itself. */
const parts = ({ name, verb, adjective, object, place, day }, tells) => [name, verb, tells.article && 'the', tells.adjective && adjective, object, tells.place && place, tells.day && `on ${day}`];
const summary = (events) => {
  const tells = Object.fromEntries(['article', 'adjective', 'place', 'day'].map((part) => [part, random() < 0.5]));
  const told = random() < 0.35 ? events.slice(0, 1) : events;
  return `${told.map((each) => parts(each, tells).filter(Boolean).join(' ')).join(' and ')} .`;
};
/** The words that tell something. */
const facts = (events) => events.flatMap(({ place, ...rest }) => Object.values({ ...rest, place: place.split(' ').at(-1) })).join(' ');

const corpus = Array.from({ length: corpusLines }, () => {
  const { events, source } = report();
  return JSON.stringify({ prompt: promptOf(source), completion: summary(events) });
});
const prompts = Array.from({ length: promptLines }, () => {
  const { events, source } = report();
  return JSON.stringify({ prompt: promptOf(source), source, reference: facts(events) });
});

const vocabulary = ['[PAD]', '[UNK]', '[END]', ...new Set([...Object.values(words).flat(), 'the on and summary : .'].flatMap((text) => text.split(' ')))];
const special = (id) => ({ id, content: vocabulary[id], single_word: false, lstrip: false, rstrip: false, normalized: false, special: true });
const tokenizer = {
  version: '1.0', truncation: null, padding: null, added_tokens: [0, 1, 2].map(special), normalizer: null,
  pre_tokenizer: { type: 'WhitespaceSplit' }, post_processor: null, decoder: { type: 'WordPiece', prefix: '##', cleanup: false },
  model: { type: 'WordPiece', unk_token: '[UNK]', continuing_subword_prefix: '##', max_input_chars_per_word: 100, vocab: Object.fromEntries(vocabulary.map((word, id) => [word, id])) },
};
const tokenizerConfig = { tokenizer_class: 'PreTrainedTokenizerFast', eos_token: '[END]', pad_token: '[PAD]', unk_token: '[UNK]' };

mkdirSync(path.join(here, 'tokenizer'), { recursive: true });
const write = (name, text) => writeFileSync(path.join(here, name), `${text}\n`);
write('corpus.jsonl', corpus.join('\n'));
write('prompts.jsonl', prompts.join('\n'));
write(path.join('tokenizer', 'tokenizer.json'), JSON.stringify(tokenizer, null, 1));
write(path.join('tokenizer', 'tokenizer_config.json'), JSON.stringify(tokenizerConfig, null, 1));
process.stdout.write(`${corpusLines} texts, ${promptLines} prompts, ${vocabulary.length} words\n`);
