/** From whoever asks to the thread; `work` is of one of the kinds that it serves. */
export type ToWorker = { readonly type: 'start'; readonly id: number; readonly work: unknown } | { readonly type: 'stop'; readonly id: number };

export type FromWorker =
  | { readonly type: 'progress'; readonly id: number; readonly fraction: number }
  | { readonly type: 'result'; readonly id: number; readonly result: unknown }
  | { readonly type: 'failure'; readonly id: number; readonly name: string; readonly message: string; readonly isInput: boolean };
