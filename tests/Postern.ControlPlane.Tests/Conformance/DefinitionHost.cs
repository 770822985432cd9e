using System.IO.Compression;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Postern.ControlPlane.Tests.Conformance;

/// <summary>Serves small documents in the place of those that examples link to.</summary>
public sealed class DefinitionHost : IAsyncLifetime
{
    private static readonly Dictionary<string, string> Documents = new()
    {
        ["petstore.yaml"] = """
            openapi: "3.0.0"
            info: { version: 1.0.0, title: Swagger Petstore }
            servers: [{ url: http://petstore.swagger.io/v1 }]
            paths: { /pets: { get: { operationId: listPets, responses: { "200": { description: pets } } } } }
            """,
        ["swagger.json"] = """
            {"swagger":"2.0","info":{"title":"Swagger Petstore","version":"1.0.0","description":"A server"},"host":"petstore.swagger.io","basePath":"/v2",
             "schemes":["http"],"paths":{"/pet/{petId}":{"get":{"parameters":[{"name":"petId","in":"path","required":true,"type":"integer"}],
             "responses":{"200":{"description":"ok","schema":{"$ref":"#/definitions/Pet"}}}}}},"definitions":{"Pet":{"type":"object"}}}
            """,
        ["externalscaler.proto"] = """
            syntax = "proto3";
            package externalscaler; // the package
            service ExternalScaler {
                rpc IsActive(ScaledObjectRef) returns (IsActiveResponse) {}
                /* streams */ rpc StreamIsActive(ScaledObjectRef) returns (stream IsActiveResponse) {}
            }
            message ScaledObjectRef { string name = 1; }
            """,
        ["CurrencyConvertor.asmx"] = """
            <wsdl:definitions xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:tns="http://www.webserviceX.NET/">
              <wsdl:binding name="CurrencyConvertorSoap" type="tns:CurrencyConvertorSoap">
                <wsdl:operation name="ConversionRate"><soap:operation soapAction="http://www.webserviceX.NET/ConversionRate" /></wsdl:operation>
              </wsdl:binding>
              <wsdl:service name="CurrencyConvertor">
                <wsdl:port name="CurrencyConvertorSoap" binding="tns:CurrencyConvertorSoap"><soap:address location="http://www.webservicex.net/CurrencyConvertor.asmx" /></wsdl:port>
              </wsdl:service>
            </wsdl:definitions>
            """,
    };

    private WebApplication _application = null!;

    /// <summary>What <c>slow.yaml</c> waits for.</summary>
    public TaskCompletionSource Slow { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Uri Address { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0));
        _application = builder.Build();
        _application.Run(async context =>
        {
            var name = context.Request.Path.Value!.Split('/')[^1];
            switch (name)
            {
                case "redirect":
                    context.Response.Redirect(context.Request.Query["to"]!);
                    return;
                case "bomb":
                    context.Response.Headers.ContentEncoding = "gzip";
                    await using (var packed = new GZipStream(context.Response.Body, CompressionLevel.Fastest))
                    {
                        for (var i = 0; i < 64; i++)
                        {
                            await packed.WriteAsync(new byte[1 << 20]);
                        }
                    }

                    return;
                case "slow.yaml":
                    await Slow.Task.WaitAsync(context.RequestAborted);
                    name = "petstore.yaml";
                    break;
            }

            context.Response.StatusCode = Documents.ContainsKey(name) ? 200 : 404;
            await context.Response.WriteAsync(Documents.GetValueOrDefault(name) ?? "");
        });
        await _application.StartAsync();
        Address = new(_application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
    }

    public ValueTask DisposeAsync() => _application.DisposeAsync();
}
