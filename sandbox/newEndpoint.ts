/**
 * `npm run new-endpoint -- spirii GET /v2/locations`: begins a new endpoint from what is known of the vendor's API.
 *
 * Writes the resource file, with a parameter for each documented one, and adds the endpoint with its schemas to the contract.
 * Labels, descriptions and what "Simplify" keeps are then written by hand; the contract test holds the rest.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { dump, load } from 'js-yaml';

interface Schema {
	type?: string | string[];
	format?: string;
	enum?: string[];
	default?: unknown;
	minimum?: number;
	maximum?: number;
	items?: Schema;
	properties?: Record<string, Schema>;
	required?: string[];
	$ref?: string;
}

interface Parameter {
	name: string;
	in: 'query' | 'path';
	description?: string;
	schema: Schema;
}

interface KnownOperation {
	operationId: string;
	summary: string;
	tags: string[];
	parameters?: Parameter[];
	requestBody?: { content: Record<string, { schema: Schema }> };
	responses: Record<string, { content?: Record<string, { schema: Schema }> }>;
	'x-n8n': string;
	'x-id-field'?: string;
	'x-paging'?: 'none' | { max?: unknown; default?: unknown };
	'x-safety'?: { class: string };
	'x-source'?: string[];
}

interface Document {
	paths: Record<string, Record<string, KnownOperation>>;
	components: { schemas: Record<string, Schema> };
}

/** Names of list parameters that the engine sets itself. */
const PAGING = new Set(['nextPageCursor', 'previousPageCursor', 'limit', 'page', 'per_page']);

const VENDORS: Record<string, { folder: string; contract: string }> = {
	spirii: { folder: 'Spirii', contract: 'spirii' },
	voltTime: { folder: 'VoltTime', contract: 'volttime' },
};

/** What is to be written: file contents by path from the project's root, and what to do next. */
export interface Scaffold {
	files: Record<string, string>;
	/** What belongs into a resource file that exists already. */
	addition?: string;
	next: string[];
}

/**
 * The resource file and the contract of an endpoint.
 *
 * @param read The text of a file of the project, `undefined` where there is none.
 * @throws Error when the endpoint is not known, or is in the contract already.
 */
export function scaffold(
	vendorName: string,
	method: string,
	path: string,
	read: (path: string) => string | undefined,
): Scaffold {
	const vendor = VENDORS[vendorName];
	if (!vendor)
		throw new Error(`The vendor must be one of ${Object.keys(VENDORS).join(', ')}, not ${vendorName}`);
	const known = load(read(`sandbox/contract/known/${vendor.contract}.openapi.yaml`) ?? '') as Document;
	const operation = known.paths[path]?.[method.toLowerCase()];
	if (!operation) {
		const similar = Object.keys(known.paths).filter((one) => one.includes(path.split('/')[2] ?? path));
		throw new Error(`${method} ${path} is not known. Similar paths: ${similar.join(', ') || 'none'}`);
	}
	const contractPath = `sandbox/contract/${vendor.contract}.openapi.yaml`;
	const contract = read(contractPath) ?? '';
	const files = {
		[contractPath]: addToContract(contract, known, method, path, operation),
	};

	const [resource] = operation['x-n8n'].split('.');
	const resourcePath = `nodes/${vendor.folder}/resources/${resource}.ts`;
	const text = resourceFile(resource, method, path, operation, known.components.schemas);
	const row = `Add \`${resource}\` to the resources of nodes/${vendor.folder}/api.ts.`;
	const byHand =
		'Write the labels and descriptions, what "Simplify" keeps, and an example of each parameter under `wire`.';
	const serve = `Serve ${method} ${path} in sandbox/${vendorName}/, strict where the documentation is.`;
	if (read(resourcePath) === undefined) {
		return { files: { ...files, [resourcePath]: text }, next: [row, byHand, serve] };
	}
	return {
		files,
		addition: text,
		next: [`${resourcePath} exists: put in what the text above has and it has not.`, byHand, serve],
	};
}

/** The contract with the endpoint, and the schemas that it needs, at the end of their sections. */
function addToContract(
	contract: string,
	known: Document,
	method: string,
	path: string,
	operation: KnownOperation,
): string {
	const document = load(contract) as Document;
	const verb = method.toLowerCase();
	if (document.paths[path]?.[verb]) throw new Error(`${method} ${path} is in the contract already`);
	const { operationId, summary, parameters, requestBody, responses } = operation;
	const [status, { content }] = Object.entries(responses).find(([code]) => code.startsWith('2')) ?? [
		'200',
		{},
	];
	const schema = content?.['application/json']?.schema;
	const cursors = parameters?.filter(({ name }) => name.endsWith('PageCursor')).map(({ name }) => name) ?? [];
	const part = {
		operationId,
		summary,
		'x-source': operation['x-source']?.[0],
		'x-safety': operation['x-safety']?.class,
		...(cursors.length === 2 && { 'x-excludes': [cursors] }),
		parameters,
		requestBody,
		responses: {
			[status]: { description: 'Success', ...(schema && { content: { 'application/json': { schema } } }) },
		},
	};
	const schemas: Record<string, Schema> = {};
	collectSchemas(part, known.components.schemas, document.components.schemas, schemas);

	const yaml = (value: unknown, depth: number, flowLevel: number) =>
		dump(JSON.parse(JSON.stringify(value)), { lineWidth: 110, noRefs: true, flowLevel }).replace(
			/^(?=.)/gm,
			' '.repeat(depth),
		);
	const own = `${' '.repeat(2)}${path}:\n${yaml({ [verb]: part }, 4, 4)}`;
	const withPath = document.paths[path]
		? contract.replace(`\n  ${path}:\n`, `\n  ${path}:\n${yaml({ [verb]: part }, 4, 4)}`)
		: contract.replace(/\ncomponents:\n/, `\n${own}\ncomponents:\n`);
	return `${withPath.trimEnd()}\n${Object.keys(schemas).length > 0 ? `\n${yaml(schemas, 4, 3)}` : ''}`;
}

/** The schemas that are referred to and not there yet, with those that they refer to. */
function collectSchemas(
	value: unknown,
	known: Record<string, Schema>,
	present: Record<string, Schema>,
	found: Record<string, Schema>,
): void {
	for (const [, name] of JSON.stringify(value).matchAll(/#\/components\/schemas\/(\w+)/g)) {
		if (name in present || name in found) continue;
		found[name] = known[name];
		collectSchemas(known[name], known, present, found);
	}
}

/** A resource of one operation, in the form of the endpoint: a list, a record by its id, or a write. */
function resourceFile(
	resource: string,
	method: string,
	path: string,
	operation: KnownOperation,
	schemas: Record<string, Schema>,
): string {
	const { summary, tags, parameters = [] } = operation;
	const [name] = tags;
	const value = (parameter: Parameter) => camelCase(parameter.name);
	const query = parameters.filter((parameter) => parameter.in === 'query' && !PAGING.has(parameter.name));
	const inPath = parameters.filter((parameter) => parameter.in === 'path');
	const body =
		resolved(operation.requestBody?.content['application/json']?.schema ?? {}, schemas).properties ?? {};
	const limit = parameters.find((parameter) => parameter.name === 'limit')?.schema;
	const idField = operation['x-id-field'] ?? 'id';
	const singular = /^[A-Z]{2}/.test(name) ? name : name.toLowerCase();
	const isList = method === 'GET' && limit !== undefined;
	const properties = [...inPath, ...query].map((parameter) => propertyOf(parameter, parameter.in === 'path'));
	const fields = Object.entries(body).map(([field, schema]) =>
		propertyOf({ name: field, in: 'query', schema }, false, 'body'),
	);
	const operations = isList
		? `[getManyOf(${resource}List)]`
		: method === 'GET'
			? `[getOf({ endpoint: { path: '${path}', idField: '${idField}' }, records: { singular: '${singular}', plural: '${singular}s' }, id: ${properties[0]} })]`
			: `[operationOf({
				value: '${operation['x-n8n'].split('.')[1]}', name: '${summary}', action: '${summary}', description: '${summary}',
				endpoint: { method: '${method}', path: '${path}', safety: '${operation['x-safety']?.class}', idField: '${idField}' },
				properties: [${[...properties, ...fields, 'optionsOf()'].join(', ')}],
				run: async (call) => [{ json: ((await call.send(call.request)) ?? {}) as IDataObject }],
			})]`;
	const list = isList
		? `/** \`${method} ${path}\`. Source: ${operation['x-source']?.[0] ?? ''} */
		export const ${resource}List = {
			endpoint: { path: '${path}', idField: '${idField}', pageSize: ${String(limit.maximum ?? 100)} },
			records: { singular: '${singular}', plural: '${singular}s' },
			about: '${summary}',
			filters: propertyList([${properties.join(', ')}]),
			options: propertyList([${propertyOf({ name: 'limit', in: 'query', schema: limit }, false).replace("name: 'limit'", "name: 'pageSize'")}]),
		} satisfies CursorList;`
		: '';
	const examples = [
		...(isList ? ['...listExamples()'] : []),
		...[...query, ...inPath].map((one) => `${value(one)}: []`),
	];
	const text = `
		${list}

		export const ${resource}: Resource = {
			value: '${resource}', name: '${name}', description: '${summary}',
			operations: ${operations},
		};

		export const wire = (): WireExamples => ({
			requests: { ${isList ? 'getAll' : operation['x-n8n'].split('.')[1]}: '${method} ${path}${isList ? '?limit=50' : ''}' },
			parameters: { ${examples.join(', ')} },
		});
	`;
	const used = Object.entries(IMPORTS).map(
		([from, names]) => [from, names.filter((name) => new RegExp(`\\b${name}\\b`).test(text))] as const,
	);
	const imports = used
		.filter(([, names]) => names.length > 0)
		.map(
			([from, names]) =>
				`import { ${names.map((name) => (TYPES.has(name) ? `type ${name}` : name)).join(', ')} } from '${from}';`,
		);
	return `${imports.join('\n')}\n\n${text}`;
}

/** What resource files use, by where it stands. */
const IMPORTS: Record<string, string[]> = {
	'n8n-workflow': ['IDataObject'],
	'../../shared/node/lists': ['optionsOf'],
	'../../shared/node/operation': ['operationOf', 'Resource'],
	'../../shared/parameters/forms': ['AS_NUMBER_LIST'],
	'../../shared/parameters/typedValues': ['propertyList'],
	'../../shared/parameters/wireExamples': ['listExamples', 'WireExamples'],
	'../operations': ['getManyOf', 'getOf', 'CursorList'],
};

const TYPES = new Set(['IDataObject', 'Resource', 'WireExamples', 'CursorList']);

/** A schema, or the one that it refers to. */
function resolved(schema: Schema, schemas: Record<string, Schema>): Schema {
	return schema.$ref === undefined ? schema : schemas[schema.$ref.replace('#/components/schemas/', '')];
}

/** The text of a property: type, values, bounds and default are the document's, words are to be written. */
function propertyOf({ name, description, schema }: Parameter, isRequired: boolean, place = 'query'): string {
	const { type, enum: values, minimum, maximum, items } = schema;
	const label = titleCase(name);
	const send = isRequired ? '' : `routing: { send: { type: '${place}', property: '${name}' } },`;
	const common = (n8nType: string, preset: unknown) =>
		`displayName: '${label}', name: '${camelCase(name)}', type: '${n8nType}', ${isRequired ? 'required: true,' : ''} default: ${JSON.stringify(schema.default ?? preset)}, description: ${JSON.stringify(description ?? 'TODO')},`;
	if (values) {
		const options = values.map((value) => `{ name: '${titleCase(value)}', value: '${value}' }`);
		return `{ ${common('options', values[0])} options: [${options.join(', ')}], ${send} }`;
	}
	if (type === 'array') {
		return `{ ${common('string', '')} placeholder: 'e.g. ${items?.type === 'string' ? 'a, b' : '1766, 1767'}', ${items?.type === 'string' ? send : send.replace(' } }', ', value: AS_NUMBER_LIST } }')} }`;
	}
	if (type === 'boolean') return `{ ${common('boolean', false)} ${send} }`;
	if (type === 'integer' && !isRequired) {
		const bounds = { minValue: minimum, maxValue: maximum, numberPrecision: 0 };
		return `{ ${common('number', 0)} typeOptions: ${JSON.stringify(bounds)}, ${send} }`;
	}
	if (schema.format === 'date-time') return `{ ${common('dateTime', '')} ${send} }`;
	return `{ ${common('string', '')} ${send} }`;
}

/** `tariffId` -> `Tariff ID`, `ON_STREET` -> `On Street`. */
function titleCase(name: string): string {
	const words = name
		.replace(/([a-z])([A-Z])/g, '$1 $2')
		.split(/[\s_-]+/)
		.map((word) => word[0].toUpperCase() + word.slice(1).toLowerCase());
	return words
		.join(' ')
		.replace(
			/\b(Ids?|Uids?|Uuid|Evse)\b/g,
			(word) => ({ Ids: 'IDs', Uids: 'UIDs' })[word] ?? word.toUpperCase(),
		);
}

function camelCase(name: string): string {
	return name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}

async function pretty(path: string, text: string): Promise<string> {
	const { format, resolveConfig } = await import('prettier');
	return await format(text, { ...(await resolveConfig(path)), filepath: path });
}

const USAGE =
	'Begins a new endpoint from what is known of the API: npm run new-endpoint -- spirii GET /v2/locations';

if (require.main === module) {
	main().catch((error: Error) => {
		process.stderr.write(`${error.message}\n`);
		process.exitCode = 1;
	});
}

async function main(): Promise<void> {
	const root = dirname(__dirname);
	const [vendor, method, path] = process.argv.slice(2);
	if (vendor === '--help' || vendor === '-h') return say(USAGE);
	if (!path) throw new Error(USAGE);
	const { files, addition, next } = scaffold(vendor, method.toUpperCase(), path, (file) =>
		existsSync(join(root, file)) ? readFileSync(join(root, file), 'utf8') : undefined,
	);
	for (const [file, text] of Object.entries(files)) {
		mkdirSync(dirname(join(root, file)), { recursive: true });
		writeFileSync(join(root, file), await pretty(file, text));
		say(`Written: ${file}`);
	}
	if (addition !== undefined) say(await pretty('addition.ts', addition));
	next.forEach((step, index) => say(`${index + 1}. ${step}`));
}

function say(line: string): void {
	process.stdout.write(`${line}\n`);
}
