import { SoupError } from '../../errors';

export function unsafePickle(file: string, name: string): SoupError {
  return new SoupError('UnsafePickleError', `${file}: refused, it calls for ${name}, and only tensors and plain containers are read, never code — where you trust it, load it with torch and save the weights with safetensors.torch.save_file`);
}

export function malformedPickle(file: string, what: string): SoupError {
  return new SoupError('MalformedPickleError', `${file}: damaged PyTorch file: ${what} — fetch or save it again`);
}

export function unsupportedPytorch(file: string, what: string): SoupError {
  return new SoupError('UnsupportedPytorchError', `${file}: ${what} — load it with torch and save it with safetensors.torch.save_file`);
}
