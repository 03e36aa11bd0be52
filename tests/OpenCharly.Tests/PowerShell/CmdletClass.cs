using Mono.Cecil;
using OpenCharly.PowerShell;

namespace OpenCharly.Tests.PowerShell;

/// <summary>A cmdlet class as its compiled metadata shows it; no PowerShell is needed to look at it.</summary>
/// <param name="Type">The class.</param>
/// <param name="Verb">Verb of its Cmdlet attribute.</param>
/// <param name="Noun">Noun of its Cmdlet attribute.</param>
public sealed record CmdletClass(TypeDefinition Type, string Verb, string Noun)
{
    private static readonly AssemblyDefinition Module = AssemblyDefinition.ReadAssembly(typeof(CharlyCmdlet).Assembly.Location);

    /// <summary>Every class with a Cmdlet attribute.</summary>
    public static IReadOnlyList<CmdletClass> All { get; } =
    [
        .. from type in Module.MainModule.Types
           let attribute = type.CustomAttributes.FirstOrDefault(a => a.AttributeType.Name == "CmdletAttribute")
           where attribute is not null
           select new CmdletClass(type, (string)attribute.ConstructorArguments[0].Value, (string)attribute.ConstructorArguments[1].Value),
    ];

    /// <summary>All types of the module.</summary>
    public static IEnumerable<TypeDefinition> Types => Module.MainModule.Types;

    /// <summary>Name as users type it.</summary>
    public string Name => $"{Verb}-{Noun}";

    /// <summary>Parameters, those of base classes included.</summary>
    public IEnumerable<PropertyDefinition> Parameters => Chain(Type).SelectMany(t => t.Properties).Where(p => ParameterAttributes(p).Any());

    /// <summary>The Parameter attributes of a property: one for each set.</summary>
    public static IEnumerable<CustomAttribute> ParameterAttributes(PropertyDefinition property) =>
        property.CustomAttributes.Where(a => a.AttributeType.Name == "ParameterAttribute");

    /// <summary>A named argument of an attribute; null if it is not there.</summary>
    public static object? Argument(CustomAttribute attribute, string name) =>
        attribute.Properties.Where(p => p.Name == name).Select(p => p.Argument.Value).FirstOrDefault();

    /// <summary>A named argument of the Cmdlet attribute.</summary>
    public object? Setting(string name) => Argument(Type.CustomAttributes.Single(a => a.AttributeType.Name == "CmdletAttribute"), name);

    /// <inheritdoc/>
    public override string ToString() => Name;

    private static IEnumerable<TypeDefinition> Chain(TypeDefinition? type)
    {
        while (type is not null && type.Namespace.StartsWith("OpenCharly", StringComparison.Ordinal))
        {
            yield return type;
            type = Module.MainModule.GetType(type.BaseType.FullName);
        }
    }
}
