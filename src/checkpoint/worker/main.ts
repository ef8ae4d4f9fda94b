import { openCheckpoint } from '../checkpoint';
import { differenceByTensor, taskVectorsByTensor } from '../difference';
import { checkpointSha256 } from '../digest';
import { missingTensor } from '../errors';
import { tensorHistogram, tensorStatistics, type StreamOptions } from '../statistics';
import { serveWork } from './serve-work';
import type { ResultOf, Work } from './work';

async function carryOut(work: Work, options: StreamOptions): Promise<ResultOf[Work['kind']]> {
  const checkpoint = await openCheckpoint(work.checkpoint);
  switch (work.kind) {
    case 'sha256':
      return checkpointSha256(checkpoint, options.signal);
    case 'difference': {
      const reference = await openCheckpoint(work.reference);
      const { total, tensors, notFinite = null } = await (work.base === null ? differenceByTensor(checkpoint, reference, options) : taskVectorsByTensor(checkpoint, reference, await openCheckpoint(work.base), options));
      return { total, notFinite, tensorsJson: JSON.stringify(tensors) };
    }
    default: {
      const tensor = checkpoint.tensors.get(work.tensor);
      if (!tensor) throw missingTensor(work.checkpoint, work.tensor);
      return work.kind === 'statistics' ? tensorStatistics(tensor, options) : tensorHistogram(tensor, work.bins, options);
    }
  }
}

serveWork<Work>(carryOut);
