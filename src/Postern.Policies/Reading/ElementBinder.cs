using System.Reflection;
using Postern.Policies.Language;

namespace Postern.Policies.Reading;

/// <summary>Fills one record, and the parts inside it, from an element.</summary>
internal sealed class ElementBinder(PolicyBinding binding, PolicyBinder policies, Policy owner)
{
    public void Bind(PolicyElement element, ElementShape shape, object target)
    {
        var before = binding.Problems.Count;
        BindAttributes(element, shape, target);
        BindContent(element, shape, target);
        if (binding.Problems.Count > before)
        {
            // Rules between values make no sense while values are missing.
            return;
        }

        var rules = new PolicyRules(message => binding.Problem(element.Start, PolicyDiagnostics.RuleBroken, element.Name, message));
        if (target is Policy policy)
        {
            policy.Validate(rules);
        }
        else if (target is PolicyPart part)
        {
            part.Validate(rules);
        }
    }

    private void BindAttributes(PolicyElement element, ElementShape shape, object target)
    {
        foreach (var attribute in element.Attributes)
        {
            var known = shape.Attributes.Find(item => item.Syntax.Name == attribute.Name || item.Syntax.Alias == attribute.Name);
            if (known is not null)
            {
                if (ReadValue(known.Property.PropertyType, attribute.Value, attribute.Start, element.Name, attribute.Name, known.Syntax) is { } value)
                {
                    known.Property.SetValue(target, value);
                }
            }
            else if (attribute.Name == "id" && target is Policy policy)
            {
                policy.Id = attribute.Value.Value;
            }
            else if (attribute.Name != "xmlns" && !attribute.Name.StartsWith("xmlns:", StringComparison.Ordinal))
            {
                binding.Problem(attribute.Start, PolicyDiagnostics.UnknownAttribute, element.Name,
                    $"Unknown attribute '{attribute.Name}'.{NearestName.Suggest(attribute.Name, shape.Attributes.Select(item => item.Syntax.Name))}");
            }
        }

        foreach (var missing in shape.Attributes.Where(item =>
            item.Required && element.Find(item.Syntax.Name) is null && (item.Syntax.Alias is null || element.Find(item.Syntax.Alias) is null)))
        {
            binding.Problem(element.Start, PolicyDiagnostics.MissingAttribute, element.Name, $"Attribute '{missing.Syntax.Name}' is missing.");
        }
    }

    private void BindContent(PolicyElement element, ElementShape shape, object target)
    {
        if (shape.Text is { Syntax.Verbatim: true } verbatim)
        {
            BindVerbatim(element, verbatim.Property, target);
            return;
        }

        if (shape.Text is { } text)
        {
            if (element.Text is { } content)
            {
                if (ReadValue(text.Property.PropertyType, content, element.ContentStart, element.Name, null, null) is { } value)
                {
                    text.Property.SetValue(target, value);
                }
            }
            else if (text.Required)
            {
                binding.Problem(element.Start, PolicyDiagnostics.MissingContent, element.Name, $"Element '{element.Name}' needs text.");
            }
        }
        else if (element.Text is { } stray)
        {
            binding.Problem(stray.SourceOf(0), PolicyDiagnostics.UnexpectedContent, element.Name,
                $"Unexpected text '{DocumentReader.Shorten(stray.Value)}'.");
        }

        BindChildren(element, shape, target);
    }

    private void BindChildren(PolicyElement element, ElementShape shape, object target)
    {
        var forPolicies = new List<PolicyElement>();
        var found = new Dictionary<ShapedChild, List<object>>();
        foreach (var child in element.Children)
        {
            var known = shape.Children.Find(item => item.Syntax.Name == child.Name || item.Syntax.Alias == child.Name);
            if (known is null)
            {
                if (shape.Policies is not null)
                {
                    forPolicies.Add(child);
                    continue;
                }

                binding.Problem(child.Start, PolicyDiagnostics.UnexpectedContent, child.Name,
                    $"Element '{child.Name}' is not allowed in '{element.Name}'.{NearestName.Suggest(child.Name, shape.Children.Select(item => item.Syntax.Name))}");
                continue;
            }

            if (!found.TryGetValue(known, out var items))
            {
                found[known] = items = [];
            }

            if (items.Count == 1 && !known.IsList)
            {
                binding.Problem(child.Start, PolicyDiagnostics.UnexpectedContent, child.Name, $"Element '{child.Name}' may occur once.");
            }
            else if (BindChild(known, child) is { } item)
            {
                items.Add(item);
            }
        }

        foreach (var (child, items) in found)
        {
            child.Property.SetValue(target, child.IsList ? ToArray(child.ItemType, items) : items.FirstOrDefault());
        }

        foreach (var missing in shape.Children.Where(item => item.Required && !found.ContainsKey(item)))
        {
            binding.Problem(element.Start, PolicyDiagnostics.MissingContent, element.Name, $"Element '{missing.Syntax.Name}' is missing.");
        }

        if (shape.Policies is { } inner)
        {
            inner.Property.SetValue(target, policies.BindPolicies(forPolicies, inner.Syntax.Only, topLevel: false));
        }
    }

    private object? BindChild(ShapedChild known, PolicyElement child)
    {
        if (known.Syntax.Markup)
        {
            return binding.Text.Text[child.Start..child.End];
        }

        if (!typeof(PolicyPart).IsAssignableFrom(known.ItemType))
        {
            var content = child.Text ?? new DecodedText();
            return ReadValue(known.ItemType, content, child.ContentStart, child.Name, null, null);
        }

        var part = Activator.CreateInstance(known.ItemType)!;
        Bind(child, ElementShape.Of(known.ItemType), part);
        return part;
    }

    private static Array ToArray(Type type, List<object> items)
    {
        var array = Array.CreateInstance(type, items.Count);
        for (var i = 0; i < items.Count; i++)
        {
            array.SetValue(items[i], i);
        }

        return array;
    }

    private void BindVerbatim(PolicyElement element, PropertyInfo property, object target)
    {
        var wrapper = element.Children is [{ Name: "value" } only] && element.Text is null ? only : element;
        object? value;
        if (wrapper.Children.Count == 0)
        {
            value = ReadValue(property.PropertyType, wrapper.Text ?? new DecodedText(), wrapper.ContentStart, element.Name, null, null);
        }
        else
        {
            var raw = new DecodedText();
            raw.Append(binding.Text.Text.AsSpan(wrapper.ContentStart, wrapper.ContentEnd - wrapper.ContentStart).Trim(), wrapper.ContentStart);
            value = Value.FromConstant(property.PropertyType.GetGenericArguments()[0], raw.Value);
        }

        if (value is not null)
        {
            property.SetValue(target, value);
        }
    }

    private object? ReadValue(Type type, DecodedText text, int offset, string element, string? attribute, XmlAttributeAttribute? syntax)
    {
        var isValue = type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Value<>);
        var target = isValue ? type.GetGenericArguments()[0] : type;
        var where = attribute is null ? $"The text of '{element}'" : $"Attribute '{attribute}'";
        var trimmed = text.Value.AsSpan().Trim();
        if (ExpressionScanner.StartsExpression(trimmed))
        {
            if (!isValue)
            {
                binding.Problem(offset, PolicyDiagnostics.ExpressionNotAllowed, element, $"{where} does not take an expression.");
                return null;
            }

            return ReadExpression(target, text, offset, element, syntax);
        }

        var keepsSpace = target == typeof(object) || syntax is { KeepsSpace: true };
        if (syntax is { AllowsEmpty: false } && (keepsSpace ? text.Value.Length == 0 : trimmed.IsEmpty) && target != typeof(object))
        {
            binding.Problem(offset, PolicyDiagnostics.InvalidValue, element, $"{where} is empty.");
            return null;
        }

        // A variable's constant is kept to the letter; all else does not care for the white space around it.
        var literal = keepsSpace ? text.Value : trimmed.ToString();
        var constant = ValueConversion.FromText(target, literal, out var expected);
        if (constant is null)
        {
            binding.Problem(offset, PolicyDiagnostics.InvalidValue, element,
                $"{where} is '{DocumentReader.Shorten(literal)}'; expected {expected}.");
            return null;
        }

        if (syntax is not null && constant is int or long or double)
        {
            var number = Convert.ToDouble(constant, System.Globalization.CultureInfo.InvariantCulture);
            if (number < syntax!.Min || number > syntax.Max)
            {
                binding.Problem(offset, PolicyDiagnostics.InvalidValue, element, $"{where} is {constant}; it must be {Range(syntax)}.");
                return null;
            }
        }

        return isValue ? Value.FromConstant(target, constant) : constant;
    }

    private static string Range(XmlAttributeAttribute syntax) =>
        double.IsPositiveInfinity(syntax.Max) ? FormattableString.Invariant($"at least {syntax.Min}")
        : double.IsNegativeInfinity(syntax.Min) ? FormattableString.Invariant($"at most {syntax.Max}")
        : FormattableString.Invariant($"between {syntax.Min} and {syntax.Max}");

    private Value? ReadExpression(Type target, DecodedText text, int offset, string element, XmlAttributeAttribute? syntax)
    {
        var all = text.Value;
        var start = all.Length - all.AsSpan().TrimStart().Length;
        var end = ExpressionScanner.FindEnd(all, start);
        if (end < 0)
        {
            binding.Problem(offset, PolicyDiagnostics.ExpressionDoesNotCompile, element, "The expression's closing bracket is missing.");
            return null;
        }

        if (!all.AsSpan(end).Trim().IsEmpty)
        {
            binding.Problem(text.SourceOf(end), PolicyDiagnostics.MixedExpression, element,
                "An expression must be the whole value: there is text after its closing bracket.");
            return null;
        }

        var isBlock = all[start + 1] == '{';
        var codeStart = isBlock ? start + 1 : start + 2;
        var code = isBlock ? all[codeStart..end] : all[codeStart..(end - 1)];
        var (here, source) = (binding, binding.Text);
        var inclusion = binding.Inclusion;
        var expression = new ExpressionSource(code, isBlock, target, element, at => here.PlaceOf(text.SourceOf(codeStart + at)))
        {
            Inclusion = inclusion,
            NamedValueIn = (from, to) => source.NamedValueIn(text.SourceOf(codeStart + from), text.SourceOf(codeStart + to)),
        };
        binding.Expressions.Add(expression);
        owner.Expressions.Add(expression);
        return Value.FromExpression(target, expression, syntax?.Min ?? double.NegativeInfinity, syntax?.Max ?? double.PositiveInfinity);
    }
}
