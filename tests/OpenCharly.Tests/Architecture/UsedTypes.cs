using Mono.Cecil;
using Mono.Cecil.Cil;

namespace OpenCharly.Tests.Architecture;

/// <summary>Every type that a type mentions: in its bases, members and method bodies, nested types included.</summary>
internal static class UsedTypes
{
    public static IEnumerable<TypeReference> Of(TypeDefinition type) =>
        Direct(type).Concat(type.NestedTypes.SelectMany(Of)).SelectMany(Unwrap).Distinct();

    private static IEnumerable<TypeReference> Direct(TypeDefinition type)
    {
        if (type.BaseType is not null) yield return type.BaseType;
        foreach (var used in type.Interfaces) yield return used.InterfaceType;
        foreach (var field in type.Fields) yield return field.FieldType;
        foreach (var method in type.Methods)
        {
            yield return method.ReturnType;
            foreach (var parameter in method.Parameters) yield return parameter.ParameterType;
            if (!method.HasBody) continue;
            foreach (var variable in method.Body.Variables) yield return variable.VariableType;
            foreach (var used in method.Body.Instructions.SelectMany(Operands)) yield return used;
        }
    }

    private static IEnumerable<TypeReference> Operands(Instruction instruction) => instruction.Operand switch
    {
        TypeReference type => [type],
        MethodReference method => [method.DeclaringType, .. method is GenericInstanceMethod generic ? generic.GenericArguments : []],
        FieldReference field => [field.DeclaringType],
        _ => [],
    };

    private static IEnumerable<TypeReference> Unwrap(TypeReference type)
    {
        if (type is GenericInstanceType generic)
        {
            foreach (var argument in generic.GenericArguments.SelectMany(Unwrap)) yield return argument;
        }

        if (type is TypeSpecification { ElementType: { } element })
        {
            foreach (var inner in Unwrap(element)) yield return inner;
        }
        else
        {
            yield return type;
        }
    }
}
