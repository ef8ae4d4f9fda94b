// A mergekit configuration of every method, of two experts and their base.

const models = (...names) => names.map((model) => ({ model }));
const weighted = (a, b, parameters = {}) => [a, b].map((model) => ({ model, parameters: { weight: 0.5, ...parameters } }));
const pruned = (merge_method) => (a, b, base) => ({ merge_method, base_model: base, models: weighted(a, b, { density: 0.5 }) });

export const methodConfigs = {
  linear: (a, b) => ({ merge_method: 'linear', models: weighted(a, b) }),
  uniform: (a, b) => ({ merge_method: 'uniform', models: models(a, b) }),
  slerp: (a, b) => ({ merge_method: 'slerp', base_model: a, models: models(a, b), parameters: { t: 0.4 } }),
  nuslerp: (a, b, base) => ({ merge_method: 'nuslerp', base_model: base, models: weighted(a, b) }),
  'nuslerp by rows': (a, b, base) => ({ merge_method: 'nuslerp', base_model: base, models: weighted(a, b), parameters: { nuslerp_flatten: false } }),
  multislerp: (a, b, base) => ({ merge_method: 'multislerp', base_model: base, models: weighted(a, b) }),
  karcher: (a, b) => ({ merge_method: 'karcher', models: models(a, b) }),
  model_stock: (a, b, base) => ({ merge_method: 'model_stock', base_model: base, models: models(a, b) }),
  warp: (a, b, base) => ({ merge_method: 'warp', base_model: base, models: weighted(a, b) }),
  task_arithmetic: (a, b, base) => ({ merge_method: 'task_arithmetic', base_model: base, models: weighted(a, b) }),
  ties: pruned('ties'),
  dare_linear: pruned('dare_linear'),
  dare_ties: pruned('dare_ties'),
  della: pruned('della'),
  della_linear: pruned('della_linear'),
  breadcrumbs: pruned('breadcrumbs'),
  breadcrumbs_ties: pruned('breadcrumbs_ties'),
  sce: (a, b, base) => ({ merge_method: 'sce', base_model: base, models: models(a, b), parameters: { select_topk: 0.5 } }),
  nearswap: (a, b, base) => ({ merge_method: 'nearswap', base_model: base, models: models(a), parameters: { t: 0.001 } }),
  arcee_fusion: (a, b, base) => ({ merge_method: 'arcee_fusion', base_model: base, models: models(a) }),
  ram: (a, b, base) => ({ merge_method: 'ram', base_model: base, models: models(a, b) }),
  ramplus_tl: (a, b, base) => ({ merge_method: 'ramplus_tl', base_model: base, models: models(a, b) }),
  passthrough: (a) => ({ merge_method: 'passthrough', models: models(a), parameters: { scale: 0.5 } }),
  wise_ft: (a, b, base) => ({ merge_method: 'wise_ft', base_model: base, models: models(a), parameters: { alpha: 0.5 } }),
  expo: (a, b, base) => ({ merge_method: 'expo', base_model: base, models: models(a), parameters: { alpha: 0.5 } }),
  // any checkpoint has the shape of a Fisher information
  fisher: (a, b, base) => ({ merge_method: 'fisher', models: [{ model: a, fisher: base, parameters: { weight: 0.5 } }, { model: b, fisher: base, parameters: { weight: 0.5 } }] }),
};
