import type { Cell } from '../kit/csv';
import type { Column } from '../kit/table';

/** Columns of a table of texts, header first: where every cell begins with a number, the column sorts by it and stands to the right. */
export function columnsOf([header = [], ...rows]: readonly (readonly string[])[]): Column<readonly string[]>[] {
  return header.map((title, index): Column<readonly string[]> => {
    const isNumeric = index > 0 && rows.length > 0 && rows.every((row) => leadingNumber(row[index]) !== null || row[index] === '–') && rows.some((row) => row[index] !== '–');
    return { title, value: (row): Cell => (isNumeric ? leadingNumber(row[index]) : (row[index] ?? null)), text: (row) => row[index] ?? '', isNumeric, isRowHeader: index === 0 };
  });
}

/** The number that a text begins with, such as `−3.1 % (…)`. */
function leadingNumber(text: string | undefined): number | null {
  const number = Number.parseFloat((text ?? '').replace('−', '-').replace(/^\+/, ''));
  return Number.isNaN(number) ? null : number;
}
