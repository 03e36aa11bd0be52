using System.Collections;
using OpenCharly.Foundation;
using OpenCharly.Yaml;

namespace OpenCharly.Tests.Model;

/// <summary>A value of the engine as text, all of its properties but the places that it was read from.</summary>
internal static class Printed
{
    public static string Of(object? value) => value switch
    {
        null => "null",
        SourcePosition or YamlNode => "",
        string or Enum or ValueType => value.ToString()!,
        IEnumerable items => $"[{string.Join(", ", items.Cast<object?>().Select(Of))}]",
        _ => $"{value.GetType().Name}({string.Join(", ", value.GetType().GetProperties().Where(p => p.GetIndexParameters().Length == 0).Select(p => $"{p.Name}={Of(p.GetValue(value))}"))})",
    };
}
