using System.Collections;
using System.Management.Automation;

namespace OpenCharly.PowerShell.Binding;

/// <summary>Turns objects that stand for a thing into the name of the thing, one by one; leaves what it does not know.</summary>
public abstract class NameAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public sealed override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        var value = Unwrap(inputData);
        if (value is string or null || value is not IEnumerable list) return Translate(inputData, value);
        return list.Cast<object?>().Select(item => Translate(item!, Unwrap(item))).ToArray();
    }

    /// <summary>The name that an object stands for, or null.</summary>
    private protected abstract string? NameOf(object value);

    private object Translate(object original, object? value) => value is null ? original : NameOf(value) ?? original;

    private static object? Unwrap(object? value) => value is PSObject wrapped ? wrapped.BaseObject : value;
}
