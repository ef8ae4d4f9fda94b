// AssemblyScript (not TypeScript): DELLA's pruning, a draw for every element with a probability by its rank in its row.

/** Digits of the radix sort: three of 11 bits hold the 31 bits of a magnitude. */
const digitBits: u32 = 11, digits: u32 = 1 << 11, digitMask: u32 = digits - 1;

/** The hash triple32 of Ettinger & Wellons, as in `draws.ts`. */
@inline
function mix(x: u32): u32 {
  x = (x ^ (x >> 17)) * 0xed5ad4bb;
  x = (x ^ (x >> 11)) * 0xac4c1b51;
  x = (x ^ (x >> 15)) * 0x31848bab;
  return x ^ (x >> 14);
}

/** Moves pairs of magnitude and index, 8 bytes each, to where the digit at `shift` puts them; equal ones stay in their order. `offsets` become where each digit ends. */
function distribute(from: usize, to: usize, pairs: i32, shift: u32, offsets: usize): void {
  const end = from + (<usize>pairs << 3);
  for (let at = from; at < end; at += 8) {
    const pair = load<u64>(at);
    const offset = offsets + (<usize>((<u32>pair >> shift) & digitMask) << 2), place = load<u32>(offset);
    store<u64>(to + (<usize>place << 3), pair);
    store<u32>(offset, place + 1);
  }
}

/**
 * Makes zero what is not drawn: an element stays where its number, mix(mix(index ^ key) + secondKey) / 2³², is below
 * `lowest` + rank / (rowLength − 1) · `spread`, its magnitude's rank in its row counting from 0 and of equal ones the
 * first being the lower. Rows of one element have the probability `lowest`. From index 2³² on, where indices begin again
 * at 0, `nextSecondKey` holds. `counts` are 3 · 2048 u32, zero before and after; `sorted` and `spare` have 8 bytes a row's element.
 */
export function dropByRank(values: usize, elements: i32, rowLength: i32, start: u32, key: u32, secondKey: u32, nextSecondKey: u32, lowest: f64, spread: f64, counts: usize, sorted: usize, spare: usize): void {
  const middle = counts + (<usize>digits << 2), upper = middle + (<usize>digits << 2);
  for (let row = 0; row < elements; row += rowLength) {
    const first = values + (<usize>row << 2);
    for (let k: u32 = 0; k < <u32>rowLength; k++) {
      const magnitude = load<u32>(first + (<usize>k << 2)) & 0x7fffffff;
      store<u64>(spare + (<usize>k << 3), <u64>magnitude | (<u64>k << 32));
      const low = counts + (<usize>(magnitude & digitMask) << 2), mid = middle + (<usize>((magnitude >> digitBits) & digitMask) << 2), high = upper + (<usize>(magnitude >> (2 * digitBits)) << 2);
      store<u32>(low, load<u32>(low) + 1);
      store<u32>(mid, load<u32>(mid) + 1);
      store<u32>(high, load<u32>(high) + 1);
    }
    for (let table = counts; table <= upper; table += <usize>digits << 2) {
      let before: u32 = 0;
      for (let at = table; at < table + (<usize>digits << 2); at += 4) {
        const count = load<u32>(at);
        store<u32>(at, before);
        before += count;
      }
    }
    distribute(spare, sorted, rowLength, 0, counts);
    distribute(sorted, spare, rowLength, digitBits, middle);
    distribute(spare, sorted, rowLength, 2 * digitBits, upper);
    memory.fill(counts, 0, 3 * (<usize>digits << 2));
    for (let rank = 0; rank < rowLength; rank++) {
      const k = load<u32>(sorted + (<usize>rank << 3), 4), index = start + <u32>row + k;
      const draw = <f64>mix(mix(index ^ key) + (index < start ? nextSecondKey : secondKey)) / 4294967296.0;
      const probability = rowLength == 1 ? lowest : lowest + (<f64>rank / <f64>(rowLength - 1)) * spread;
      if (!(draw < probability)) store<u32>(first + (<usize>k << 2), 0);
    }
  }
}
