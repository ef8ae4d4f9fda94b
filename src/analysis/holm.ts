/**
 * p-values adjusted by Holm's step-down procedure (Holm 1979): a hypothesis is rejected at family-wise level α where its
 * adjusted p-value is at most α. Null is no test and stays null.
 */
export function holmAdjusted(pValues: readonly (number | null)[]): (number | null)[] {
  const order = pValues.flatMap((pValue, index) => (pValue === null ? [] : [{ pValue, index }])).sort((a, b) => a.pValue - b.pValue);
  const adjusted: (number | null)[] = pValues.map(() => null);
  let largest = 0;
  for (const [rank, { pValue, index }] of order.entries()) {
    largest = Math.max(largest, Math.min(1, (order.length - rank) * pValue));
    adjusted[index] = largest;
  }
  return adjusted;
}
