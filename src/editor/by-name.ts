/** Order of names in lists, with numbers by their value: expert-2 stands before expert-10. */
export const byName = (a: string, b: string): number => a.localeCompare(b, 'en', { numeric: true });
