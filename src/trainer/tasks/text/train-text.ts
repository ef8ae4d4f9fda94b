import type { TextTrainJob } from '../../../runs/run-record';
import type { StopRequest } from '../../stop-request';
import type { Outcome } from '../../train';

export async function trainText(_directory: string, _job: TextTrainJob, _stop: StopRequest): Promise<Outcome> {
  throw new Error('not yet');
}
