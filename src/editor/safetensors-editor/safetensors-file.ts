import { readHeaderOf, type ByteSource } from '../../checkpoint/byte-source';
import { dtypeBytes } from '../../checkpoint/dtype';
import { missingTensor } from '../../checkpoint/errors';
import { elementCount, type SafetensorsHeader, type TensorInfo } from '../../checkpoint/safetensors-header';
import { parseSlice, sliceShape, type AxisRange } from '../../checkpoint/slice';
import { sliceBytes } from '../../checkpoint/slice-reader';
import { valueTexts } from '../../checkpoint/value-text';
import { SoupError } from '../../errors';
import { valueLimit, type ShownFile } from '../../protocol/safetensors-editor';

/** An open safetensors file: its header is in memory, its values are read when they are asked for. */
export class SafetensorsFile {
  private constructor(
    private readonly source: ByteSource,
    readonly header: SafetensorsHeader,
    private readonly name: string,
  ) {}

  /**
   * @param header of this very file, where it is known already
   * @throws SoupError naming what is damaged
   */
  static async open(source: ByteSource, name: string, header: SafetensorsHeader | null = null): Promise<SafetensorsFile> {
    return new SafetensorsFile(source, header ?? (await readHeaderOf(source, name)), name);
  }

  shown(): ShownFile {
    const tensors = [...this.header.tensors.values()];
    return {
      name: this.name,
      sizeBytes: this.header.sizeBytes,
      headerBytes: this.header.dataOffset,
      parameters: tensors.reduce((sum, { shape }) => sum + elementCount(shape), 0),
      metadata: Object.entries(this.header.metadata),
      tensors,
    };
  }

  /**
   * Values of a slice as texts, row-major.
   * @throws InvalidSliceError, MissingTensorError, SliceTooLargeError, NoValuesError and what reading throws
   */
  async values(tensor: string, slice: string): Promise<string[]> {
    const info = this.tensor(tensor);
    return this.textsOf(info, parseSlice(slice, info.shape));
  }

  /** The file's header as it stands there, in readable JSON. */
  headerJson(): string {
    const { metadata, tensors } = this.header;
    const entries = [...tensors.values()].map(({ name, dtype, shape, begin, end }) => [name, { dtype, shape, data_offsets: [begin, end] }] as const);
    return JSON.stringify({ ...(Object.keys(metadata).length > 0 ? { __metadata__: metadata } : {}), ...Object.fromEntries(entries) }, null, 2);
  }

  /**
   * A slice as JSON: name, type, shape and nested values. Numbers keep all their digits; what JSON has no number for
   * (NaN, Infinity, complex values) is text.
   * @throws as `values`
   */
  async valuesJson(tensor: string, slice: string): Promise<string> {
    const info = this.tensor(tensor);
    const ranges = parseSlice(slice, info.shape);
    const shape = sliceShape(ranges);
    const texts = await this.textsOf(info, ranges);
    const about = JSON.stringify({ tensor, dtype: info.dtype, slice, shape });
    return `${about.slice(0, -1)},"values":${nested(texts.map(jsonText), shape)}}`;
  }

  /** Where the values of a tensor lie. @throws MissingTensorError */
  place(tensor: string): { readonly info: TensorInfo; readonly dataOffset: number } {
    return { info: this.tensor(tensor), dataOffset: this.header.dataOffset };
  }

  close(): Promise<void> {
    return this.source.close();
  }

  private tensor(name: string): TensorInfo {
    const info = this.header.tensors.get(name);
    if (!info) throw missingTensor(this.name, name);
    return info;
  }

  private async textsOf(info: TensorInfo, ranges: readonly AxisRange[]): Promise<string[]> {
    const count = ranges.reduce((product, { start, stop }) => product * (stop - start), 1);
    if (count > valueLimit) throw new SoupError('SliceTooLargeError', `${info.name}: the slice has ${count} values, more than ${valueLimit} — take a smaller one, or export it as .npy`);
    const texts: string[] = [];
    for await (const { bytes, skip, count: length } of sliceBytes(this.source, this.header, info, ranges)) {
      for (const text of valueTexts(bytes.subarray(0, Math.ceil((skip + length) * dtypeBytes[info.dtype])), info.dtype).slice(skip, skip + length)) texts.push(text);
    }
    return texts;
  }
}

/** As a JSON number where it is one. */
function jsonText(text: string): string {
  return /^-?\d|^(true|false)$/.test(text) && !text.endsWith('j') ? text : JSON.stringify(text);
}

/** Values as nested JSON arrays of this shape. */
function nested(texts: readonly string[], [length, ...rest]: readonly number[]): string {
  if (length === undefined) return texts[0]!;
  const size = rest.reduce((product, axis) => product * axis, 1);
  return `[${Array.from({ length }, (_, index) => nested(texts.slice(index * size, (index + 1) * size), rest)).join(',')}]`;
}
