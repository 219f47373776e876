// The same list as a declarative node, without own code. For the benchmark only.
const description = {
	displayName: 'Declarative Charge Records',
	name: 'declarativeChargeRecords',
	group: ['input'],
	version: 1,
	description: 'Charge records of Spirii, by routing alone',
	defaults: { name: 'Declarative Charge Records' },
	inputs: ['main'],
	outputs: ['main'],
	credentials: [{ name: 'spiriiApi', required: true }],
	requestDefaults: { baseURL: '={{ $credentials.baseUrl }}' },
	properties: [
		{
			displayName: 'Operation',
			name: 'operation',
			type: 'options',
			options: [
				{
					name: 'Get Many',
					value: 'getAll',
					routing: {
						request: { method: 'GET', url: '/v2/charge-records' },
						send: { paginate: true },
						output: { postReceive: [{ type: 'rootProperty', properties: { property: 'data' } }] },
						operations: {
							pagination: {
								type: 'generic',
								properties: {
									continue: '={{ !!$response.body.nextPageCursor }}',
									// This object replaces all other query parameters.
									request: {
										qs: {
											limit: '={{ $parameter.pageSize }}',
											nextPageCursor: '={{ $response.body?.nextPageCursor }}',
										},
									},
								},
							},
						},
					},
				},
			],
			default: 'getAll',
		},
		{
			displayName: 'Page Size',
			name: 'pageSize',
			type: 'number',
			default: 1000,
			routing: { send: { type: 'query', property: 'limit' } },
		},
	],
};

exports.DeclarativeChargeRecords = class {
	constructor() {
		this.description = description;
	}
};
