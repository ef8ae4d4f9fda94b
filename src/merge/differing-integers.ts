import type { Checkpoint } from '../checkpoint/checkpoint';
import { isFloatDtype } from '../checkpoint/dtype';
import type { NamedCheckpoint } from '../checkpoint/names';
import { openTensorReader } from '../checkpoint/tensor-reader';

const stepBytes = 1 << 20;

/** Names of the tensors of integers and booleans that are not the same in every input and the base. */
export async function differingIntegers(inputs: readonly NamedCheckpoint[], base: Checkpoint): Promise<string[]> {
  const reader = openTensorReader();
  const [own, theirs] = [new Uint8Array(stepBytes), new Uint8Array(stepBytes)];
  const differing: string[] = [];
  try {
    for (const tensor of base.tensors.values()) {
      if (isFloatDtype(tensor.dtype)) continue;
      const others = inputs.flatMap(({ checkpoint }) => checkpoint.tensors.get(tensor.name) ?? []);
      let isSame = others.every(({ begin, end }) => end - begin === tensor.end - tensor.begin);
      for (let at = 0; isSame && at < tensor.end - tensor.begin; at += stepBytes) {
        const length = Math.min(stepBytes, tensor.end - tensor.begin - at);
        await reader.read(tensor, at, own.subarray(0, length));
        for (const other of others) {
          await reader.read(other, at, theirs.subarray(0, length));
          isSame &&= Buffer.compare(own.subarray(0, length), theirs.subarray(0, length)) === 0;
        }
      }
      if (!isSame) differing.push(tensor.name);
    }
    return differing;
  } finally {
    await reader.close();
  }
}

/** What is said of them. */
export function integersOfBase(names: readonly string[]): string[] {
  return names.length === 0 ? [] : [`integers are not averaged: ${names.join(', ')} ${names.length === 1 ? 'differs and is' : 'differ and are'} the base's`];
}
