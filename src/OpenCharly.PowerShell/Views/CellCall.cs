using System.Management.Automation;
using System.Reflection;

namespace OpenCharly.PowerShell.Views;

/// <summary>Finds the method of <see cref="Cells"/> for an object, which may be one that was stored or came from another process.</summary>
internal static class CellCall
{
    private static readonly ILookup<string, MethodInfo> Methods = typeof(Cells).GetMethods(BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly).ToLookup(method => method.Name);

    /// <summary>What a cell shows: what the method makes of the object; if none can, the object as text.</summary>
    public static object? Of(string name, PSObject? value)
    {
        if (value is null) return Methods[name].FirstOrDefault(TakesNull)?.Invoke(null, [null]) ?? "";
        var live = Methods[name].FirstOrDefault(method => TypeOf(method).IsInstanceOfType(value.BaseObject));
        if (live is not null) return live.Invoke(null, [value.BaseObject]);
        foreach (var method in Methods[name].Where(method => Revival.IsStored(value, TypeOf(method))))
        {
            try
            {
                return method.Invoke(null, [Revival.Of(value, TypeOf(method))]);
            }
            catch (Exception error) when (error is TargetInvocationException or InvalidCastException or FormatException or ArgumentException)
            {
                // What was left out when it was stored can't be shown: the text that was kept is.
                return value.ToString();
            }
        }

        return value.ToString();
    }

    private static Type TypeOf(MethodInfo method)
    {
        var type = method.GetParameters()[0].ParameterType;
        return Nullable.GetUnderlyingType(type) ?? type;
    }

    private static bool TakesNull(MethodInfo method)
    {
        var parameter = method.GetParameters()[0];
        return Nullable.GetUnderlyingType(parameter.ParameterType) is not null || new NullabilityInfoContext().Create(parameter).ReadState == NullabilityState.Nullable;
    }
}
