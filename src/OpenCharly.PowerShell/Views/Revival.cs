using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Reflection;
using System.Runtime.CompilerServices;
using OpenCharly.Foundation;

namespace OpenCharly.PowerShell.Views;

/// <summary>
/// Makes objects of the engine from what Import-Clixml, jobs and remote sessions give back, as far as it goes. For views
/// only: what was too deep to be stored is missing, so nothing may act on them.
/// </summary>
internal static class Revival
{
    private const string Mark = "Deserialized.";

    /// <summary>Whether an object may be what is left of one of a type.</summary>
    public static bool IsStored(PSObject value, Type type) =>
        Names(value).Contains(type.FullName, StringComparer.Ordinal) || (!IsOwn(type) && value.BaseObject is not PSCustomObject) || type == typeof(DateTimeOffset);

    /// <summary>The object of a type that a stored one stands for.</summary>
    /// <exception cref="InvalidCastException">It stands for none.</exception>
    public static object? Of(object? stored, Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        var value = stored is null ? null : PSObject.AsPSObject(stored);
        if (value is null || type.IsInstanceOfType(value.BaseObject)) return value?.BaseObject;
        if (type == typeof(string)) return value.ToString();
        if (type == typeof(DateTimeOffset)) return Time(value);
        if (type.IsEnum || type.IsPrimitive) return LanguagePrimitives.ConvertTo(value.BaseObject, type, CultureInfo.InvariantCulture);
        if (type.IsGenericType && type.GetGenericArguments() is [var key, var item] && key == typeof(string) && value.BaseObject is IDictionary map) return Map(map, item);
        if (ItemOf(type) is { } element) return List(value, element);
        if (typeof(Exception).IsAssignableFrom(type)) return Failure(value);
        return IsOwn(type) ? Record(value, type) : throw new InvalidCastException();
    }

    private static DateTimeOffset Time(PSObject value) => value.Properties["UtcDateTime"]?.Value is DateTime utc
        ? new DateTimeOffset(DateTime.SpecifyKind(utc, DateTimeKind.Utc))
        : DateTimeOffset.Parse(value.ToString(), CultureInfo.InvariantCulture);

    private static object Map(IDictionary stored, Type item)
    {
        var map = (IDictionary)Activator.CreateInstance(typeof(Dictionary<,>).MakeGenericType(typeof(string), item))!;
        foreach (DictionaryEntry entry in stored) map[$"{entry.Key}"] = Of(entry.Value, item);
        return map;
    }

    private static Array List(PSObject value, Type element)
    {
        if (value.BaseObject is not IEnumerable stored || value.BaseObject is string) throw new InvalidCastException();
        object?[] items = [.. stored.Cast<object?>().Select(item => Of(item, element))];
        var list = Array.CreateInstance(element, items.Length);
        for (var i = 0; i < items.Length; i++) list.SetValue(items[i], i);
        return list;
    }

    private static CharlyException Failure(PSObject value) => new(
        Of(value.Properties["Code"]?.Value, typeof(ErrorCode)) as ErrorCode ?? Errors.Internal, $"{value.Properties["Message"]?.Value ?? value}", $"{value.Properties["Help"]?.Value}");

    // Records are filled past their constructors; what was not stored keeps the value that a new one has.
    private static object Record(PSObject value, Type type)
    {
        if (Names(value).Select(typeof(CharlyException).Assembly.GetType).FirstOrDefault(t => t is not null && type.IsAssignableFrom(t)) is { } closest) type = closest;
        if (type.IsAbstract || value.BaseObject is not PSCustomObject) throw new InvalidCastException();
        var made = type.GetConstructor(Type.EmptyTypes) is null ? RuntimeHelpers.GetUninitializedObject(type) : Activator.CreateInstance(type)!;
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.SetMethod is not null))
        {
            if (value.Properties[property.Name]?.Value is not { } part) continue;
            try
            {
                property.SetValue(made, Of(part, property.PropertyType));
            }
            catch (Exception error) when (error is InvalidCastException or FormatException or PSInvalidCastException)
            {
                // Too deep to have been stored: only its text was.
            }
        }

        return made;
    }

    private static Type? ItemOf(Type type) =>
        type.IsArray ? type.GetElementType() : type.IsGenericType && type.GetGenericArguments() is [var item] && typeof(IEnumerable).IsAssignableFrom(type) ? item : null;

    private static bool IsOwn(Type type) => type.Assembly == typeof(CharlyException).Assembly;

    private static IEnumerable<string> Names(PSObject value) => value.TypeNames.Select(name => name.StartsWith(Mark, StringComparison.Ordinal) ? name[Mark.Length..] : name);
}
