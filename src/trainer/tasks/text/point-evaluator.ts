import type { TextTask } from '../../../experiment/tasks/text';
import type { SweepJob } from '../../../runs/run-record';
import type { PointEvaluator } from '../../point-evaluator';

export async function openTextEvaluator(_job: SweepJob, _task: TextTask): Promise<PointEvaluator> {
  throw new Error('not yet');
}
