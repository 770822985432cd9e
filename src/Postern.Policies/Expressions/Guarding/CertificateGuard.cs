using System.Security.Cryptography.X509Certificates;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Postern.Policies.Expressions;

/// <summary>The platform's judgement of certificates is replaced by the gateway's.</summary>
internal static class CertificateGuard
{
    public static bool MayConcern(IdentifierNameSyntax name) => name.Identifier.Text == nameof(X509Certificate2.Verify);

    public static bool Concerns(IdentifierNameSyntax name, ISymbol? symbol) =>
        MayConcern(name) && symbol is IMethodSymbol { ContainingType.Name: nameof(X509Certificate2) };

    public static IdentifierNameSyntax Verification(IdentifierNameSyntax name) =>
        name.WithIdentifier(SyntaxFactory.Identifier(nameof(ExpressionExtensions.VerifyRevocation)).WithTriviaFrom(name.Identifier));
}
