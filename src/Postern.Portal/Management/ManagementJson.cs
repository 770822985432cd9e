using System.Text.Json;
using System.Text.Json.Serialization;

namespace Postern.Portal.Management;

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ServiceContract))]
[JsonSerializable(typeof(GatewayContract))]
[JsonSerializable(typeof(ApiContract))]
[JsonSerializable(typeof(OperationContract))]
[JsonSerializable(typeof(PolicyContract))]
[JsonSerializable(typeof(ProductContract))]
[JsonSerializable(typeof(CollectionContract<GatewayContract>))]
[JsonSerializable(typeof(CollectionContract<InstanceContract>))]
[JsonSerializable(typeof(CollectionContract<ApiContract>))]
[JsonSerializable(typeof(CollectionContract<OperationContract>))]
[JsonSerializable(typeof(CollectionContract<RoleAssignmentContract>))]
[JsonSerializable(typeof(CollectionContract<RoleDefinitionContract>))]
[JsonSerializable(typeof(CollectionContract<AccessContract>))]
[JsonSerializable(typeof(CollectionContract<NamedContract>))]
[JsonSerializable(typeof(CollectionContract<ProductContract>))]
[JsonSerializable(typeof(CollectionContract<SubscriptionContract>))]
[JsonSerializable(typeof(CountContract))]
[JsonSerializable(typeof(TokenContract))]
[JsonSerializable(typeof(ErrorEnvelopeContract))]
internal sealed partial class ManagementJson : JsonSerializerContext;
