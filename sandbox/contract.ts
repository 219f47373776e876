import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import addFormats from 'ajv-formats';
import Ajv2020, { type ErrorObject, type ValidateFunction } from 'ajv/dist/2020';
import { load } from 'js-yaml';

/** The part of JSON Schema that parameters use. */
export interface ParameterSchema {
	type: 'string' | 'integer' | 'number' | 'boolean' | 'array';
	items?: ParameterSchema;
	enum?: unknown[];
	default?: unknown;
}

export interface Parameter {
	name: string;
	in: 'query' | 'path';
	schema: ParameterSchema;
	/** The parameter is allowed only if these other parameters have these values. */
	'x-only-with'?: Record<string, unknown>;
}

/** One operation of a contract document, with its references resolved. */
export interface Operation {
	operationId: string;
	parameters: Parameter[];
	/** Schema of the JSON body. */
	body?: object;
	/** Pairs of parameters that exclude each other. */
	excludes: string[][];
}

/** A violation of the contract by a parameter. */
export interface Problem {
	param: string;
	/** A keyword of JSON Schema, or `unknown`, `repeated`, `excludes`, `onlyWith`. */
	keyword: string;
	/** Completes a sentence that begins with the parameter's name. */
	message: string;
	/** The bound or value of the keyword. */
	limit?: unknown;
}

/** How a list is written in a query string. */
export type Arrays = 'repeat' | 'brackets' | 'comma';

type Method = 'get' | 'post';

interface Document {
	paths: Record<string, Record<Method, RawOperation>>;
	components: { parameters?: Record<string, Parameter>; schemas: Record<string, object> };
}

interface RawOperation {
	operationId: string;
	parameters?: Array<Parameter | { $ref: string }>;
	requestBody?: { content: { 'application/json': { schema: object } } };
	'x-excludes'?: string[][];
}

/** A contract document: the API as the vendor documents it. The sandbox checks requests against it. */
export class Contract {
	private readonly document: Document;
	private readonly ajv: Ajv2020;
	private readonly validators = new Map<string, ValidateFunction>();

	/** @param name As in `contract/<name>.openapi.yaml`. */
	constructor(name: string) {
		const text = readFileSync(join(__dirname, 'contract', `${name}.openapi.yaml`), 'utf8');
		// The validator needs a URI for the document, because its references are relative to itself.
		this.document = load(text) as Document;
		this.ajv = addFormats(new Ajv2020({ allErrors: true, strict: false }));
		this.ajv.addSchema(this.document, 'contract:');
	}

	/** Whether the document has this path. */
	has(path: string): boolean {
		return path in this.document.paths;
	}

	/** An operation of a path, written as in the document; `GET` unless said otherwise. */
	operation(path: string, method: Method = 'get'): Operation {
		const raw = this.document.paths[path][method];
		return {
			operationId: raw.operationId,
			parameters: (raw.parameters ?? [])
				.map((parameter) => this.resolve<Parameter>(parameter))
				.map((parameter) => ({
					...parameter,
					schema: this.resolve<ParameterSchema>(parameter.schema),
				})),
			body: raw.requestBody?.content['application/json'].schema,
			excludes: raw['x-excludes'] ?? [],
		};
	}

	/** Validates a value against a schema, which may refer to the document by `#/components/schemas/...`. */
	check(name: string, schema: object, value: unknown): Problem[] {
		let validate = this.validators.get(name);
		if (!validate) {
			validate = this.ajv.compile(absolute(schema));
			this.validators.set(name, validate);
		}
		return validate(value) ? [] : (validate.errors ?? []).map(toProblem);
	}

	/** The named schema of the document. */
	schema(name: string): object {
		return { $ref: `#/components/schemas/${name}` };
	}

	/**
	 * Reads the query string as an operation's parameters, each in its own type.
	 *
	 * Unknown parameters are a problem, too. The vendors probably ignore them; the sandbox refuses them, so that tests find
	 * misspelled names.
	 */
	readQuery(
		operation: Operation,
		query: URLSearchParams,
		arrays: Arrays,
	): { values: Values; problems: Problem[] } {
		const values: Values = {};
		const problems: Problem[] = [];
		const parameters = operation.parameters.filter((parameter) => parameter.in === 'query');
		const known = new Map(parameters.map((parameter) => [nameInQuery(parameter, arrays), parameter]));
		for (const name of new Set(query.keys())) {
			const parameter = known.get(name);
			const texts = query.getAll(name);
			if (!parameter) {
				problems.push({ param: name, keyword: 'unknown', message: 'is not a parameter of this endpoint' });
			} else if (parameter.schema.type === 'array') {
				const parts = arrays === 'comma' ? texts.flatMap((text) => text.split(',')) : texts;
				const { items } = parameter.schema;
				values[parameter.name] = items ? parts.map((part) => typed(part, items) ?? part) : parts;
			} else if (texts.length > 1) {
				problems.push({ param: name, keyword: 'repeated', message: 'was given more than once' });
			} else {
				const value = typed(texts[0], parameter.schema);
				if (value === undefined) problems.push(wrongType(parameter));
				else values[parameter.name] = value;
			}
		}
		const schema = {
			type: 'object',
			properties: Object.fromEntries(parameters.map((parameter) => [parameter.name, parameter.schema])),
		};
		problems.push(...this.check(operation.operationId, schema, values), ...between(operation, values));
		return { values, problems };
	}

	/** A schema of the document, as it is written there. */
	component(name: string): object {
		return this.document.components.schemas[name];
	}

	private resolve<T>(value: T | { $ref: string }): T {
		if (typeof value !== 'object' || value === null || !('$ref' in value)) return value as T;
		const keys = value.$ref.replace('#/', '').split('/');
		return keys.reduce<unknown>((inner, key) => (inner as Record<string, unknown>)[key], this.document) as T;
	}
}

/** Parameters by name, each in its own type. */
export type Values = Record<string, unknown>;

/** Adds the documented defaults to the values. */
export function withDefaults(operation: Operation, values: Values): Values {
	const defaults = operation.parameters
		.filter(({ schema }) => schema.default !== undefined)
		.map(({ name, schema }) => [name, schema.default]);
	return { ...Object.fromEntries(defaults), ...values };
}

function nameInQuery({ name, schema }: Parameter, arrays: Arrays): string {
	return schema.type === 'array' && arrays === 'brackets' ? `${name}[]` : name;
}

/** Converts a text to the parameter's type; `undefined` if that is not possible. */
export function typed(text: string, { type }: ParameterSchema): unknown {
	if (type === 'integer') return /^-?\d{1,15}$/.test(text) ? Number(text) : undefined;
	if (type === 'number') return /^-?\d{1,15}(\.\d+)?$/.test(text) ? Number(text) : undefined;
	if (type === 'boolean') return text === 'true' ? true : text === 'false' ? false : undefined;
	return text;
}

function wrongType({ name, schema }: Parameter): Problem {
	return { param: name, keyword: 'type', message: `must be ${schema.type}`, limit: schema.type };
}

/** Violations of the rules between parameters. */
function between(operation: Operation, values: Values): Problem[] {
	const problems: Problem[] = [];
	for (const [one, other] of operation.excludes) {
		if (values[one] === undefined || values[other] === undefined) continue;
		problems.push({ param: other, keyword: 'excludes', message: `must not be used together with ${one}` });
	}
	const all = withDefaults(operation, values);
	for (const { name, 'x-only-with': onlyWith } of operation.parameters) {
		for (const [other, value] of Object.entries(onlyWith ?? {})) {
			if (values[name] === undefined || all[other] === value) continue;
			problems.push({
				param: name,
				keyword: 'onlyWith',
				message: `is only allowed with ${other}=${String(value)}`,
			});
		}
	}
	return problems;
}

function toProblem({ instancePath, keyword, message, params }: ErrorObject): Problem {
	const missing = params.missingProperty as string | undefined;
	const allowed = params.allowedValues as unknown[] | undefined;
	return {
		param: missing ?? instancePath.slice(1),
		keyword,
		message: `${message ?? 'is wrong'}${allowed ? `: ${allowed.join(', ')}` : ''}`,
		limit: params.limit ?? params.type ?? params.property,
	};
}

/** The schema with absolute references to the document. */
function absolute(schema: object): object {
	return JSON.parse(JSON.stringify(schema).replaceAll('"#/components/', '"contract:#/components/')) as object;
}
