/** The part of jStat that is used here; the package brings no types. */
declare module 'jstat' {
  interface Normal {
    inv(probability: number, mean: number, deviation: number): number;
    cdf(x: number, mean: number, deviation: number): number;
  }
  interface StudentT {
    cdf(x: number, degreesOfFreedom: number): number;
    inv(probability: number, degreesOfFreedom: number): number;
  }
  export const jStat: { readonly normal: Normal; readonly studentt: StudentT };
}
