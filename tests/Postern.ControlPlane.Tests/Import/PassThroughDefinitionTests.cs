using Postern.ControlPlane.Import;

namespace Postern.ControlPlane.Tests.Import;

public sealed class PassThroughDefinitionTests
{
    [Fact]
    public void A_proto_file_gives_one_operation_per_method_of_every_service()
    {
        var (api, problem) = ProtoDefinition.Read("""
            syntax = "proto3";
            package shop.v1; // service Not { rpc Real(A) returns (B); }
            service Orders { rpc Get(Id) returns (Order) { option (x) = { a: 1 }; } rpc Watch(Id) returns (stream Order); }
            service Stock { rpc Get(Id) returns (Item); }
            """);

        Assert.Null(problem);
        Assert.Equal(
            ["/shop.v1.Orders/Get", "/shop.v1.Orders/Watch", "/shop.v1.Stock/Get"],
            api!.Operations.Select(operation => (string?)operation.Value["urlTemplate"]));
        Assert.Equal(3, api.Operations.Select(operation => operation.Key).Distinct().Count());
    }

    [Theory]
    [InlineData("syntax = \"proto3\"; message Only { }")]
    [InlineData("")]
    public void A_proto_file_without_a_service_is_refused(string text) => Assert.NotNull(ProtoDefinition.Read(text).Problem);

    [Theory]
    [InlineData("<a/>")]
    [InlineData("<definitions")]
    [InlineData("<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><x>&e;</x>")]
    [InlineData("<definitions xmlns=\"http://schemas.xmlsoap.org/wsdl/\"/>")]
    public void What_is_no_WSDL_with_a_SOAP_endpoint_is_refused(string text) => Assert.NotNull(WsdlDefinition.Read(text, null, null).Problem);

    [Fact]
    public void A_GraphQL_schema_is_kept_as_it_is()
    {
        var (api, _) = GraphQlDefinition.Read("type Query { hello: String }");

        Assert.Equal("graphql", Assert.Single(api!.Schemas).Key);
        Assert.NotNull(GraphQlDefinition.Read("hello").Problem);
    }
}
