// Chat templates (Jinja) by the names that mergekit knows, written from the formats that the models' makers publish.

/** Stanford Alpaca's headings; a system message has none, and `user_context` is the input that an instruction may have. */
const alpaca = `{% set headings = {'system': '', 'user': '### Instruction:\\n', 'user_context': '### Input:\\n', 'assistant': '### Response:\\n'} -%}
{% for message in messages if message['role'] in headings -%}
{{ headings[message['role']] + (message['content'] | trim) }}{% if not loop.last %}{{ '\\n\\n' }}{% endif -%}
{% endfor -%}
{% if add_generation_prompt and messages[-1]['role'] != 'assistant' %}{{ '\\n\\n### Response:\\n' }}{% endif %}`;

const chatml = `{% for message in messages -%}
{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>\\n' }}
{%- endfor -%}
{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}`;

/** EXAONE 3: every chat begins with a system turn, if an empty one; a user's turn ends with its line. */
const exaone = `{% if messages[0]['role'] != 'system' %}{{ '[|system|][|endofturn|]\\n' }}{% endif -%}
{% for message in messages -%}
{{ '[|' + message['role'] + '|]' + message['content'] }}{{ '\\n' if message['role'] == 'user' else '[|endofturn|]\\n' }}
{%- endfor -%}
{% if add_generation_prompt %}{{ '[|assistant|]' }}{% endif %}`;

const llama3 = `{{ bos_token }}
{%- for message in messages -%}
{{ '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n' + (message['content'] | trim) + '<|eot_id|>' }}
{%- endfor -%}
{% if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}{% endif %}`;

/** A system message is the beginning of the first instruction. */
const mistral = `{% set system = messages[0]['content'] + '\\n\\n' if messages[0]['role'] == 'system' else '' -%}
{% set turns = messages[1:] if system else messages -%}
{{ bos_token }}
{%- for message in turns -%}
{% if message['role'] != ('user' if loop.index0 % 2 == 0 else 'assistant') %}{{ raise_exception('after a system message, which may be left out, user and assistant have to take turns, the user first') }}{% endif -%}
{% if message['role'] == 'user' %}{{ ' [INST] ' + (system if loop.first else '') + message['content'] + ' [/INST]' }}{% else %}{{ ' ' + message['content'] + eos_token }}{% endif -%}
{% endfor %}`;

export const chatFormats: ReadonlyMap<string, string> = new Map(Object.entries({ alpaca, chatml, exaone, llama3, mistral }));
