import { unknownMethod } from '../errors';
import { arceeFusion } from './arcee_fusion';
import { breadcrumbs } from './breadcrumbs';
import { breadcrumbsTies } from './breadcrumbs_ties';
import { dareLinear } from './dare_linear';
import { dareTies } from './dare_ties';
import { della } from './della';
import { dellaLinear } from './della_linear';
import { expo } from './expo';
import { fisher } from './fisher';
import { karcher } from './karcher';
import { linear } from './linear';
import type { MergeMethod } from './method';
import { modelStock } from './model_stock';
import { multislerp } from './multislerp';
import { nearswap } from './nearswap';
import { nuslerp } from './nuslerp';
import { passthrough } from './passthrough';
import { ram } from './ram';
import { ramplusTl } from './ramplus_tl';
import { sce } from './sce';
import { slerp } from './slerp';
import { taskArithmetic } from './task_arithmetic';
import { ties } from './ties';
import { uniform } from './uniform';
import { warp } from './warp';
import { wiseFt } from './wise_ft';

/** Every merge method, by the name that `--method`, configurations and soup.json use. */
export const methods: readonly MergeMethod[] = [
  linear, uniform, slerp, nuslerp, multislerp, karcher, taskArithmetic, ties, dareLinear, dareTies, della, dellaLinear, breadcrumbs, breadcrumbsTies,
  modelStock, sce, nearswap, arceeFusion, ram, ramplusTl, passthrough, wiseFt, expo, warp, fisher,
];

/** @throws UnknownMethodError */
export function findMethod(name: string): MergeMethod {
  const method = methods.find((known) => known.name === name);
  if (!method) throw unknownMethod(name, methods.map((known) => known.name));
  return method;
}
