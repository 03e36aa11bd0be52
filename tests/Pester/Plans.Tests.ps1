param([Parameter(Mandatory)] [string] $Module)

Describe 'Plans' {
    BeforeAll {
        Import-Module (Join-Path $PSScriptRoot 'TestKit.psm1') -Force
        Import-Module $Module
        $old = Use-TestHome (New-TestHome (Join-Path $TestDrive 'home'))
        $project = Join-Path $TestDrive 'project'
        New-TestProject $project
        Push-Location $project
        $plan = Get-CharlyPlan host greeting
    }

    AfterAll {
        Pop-Location
        Reset-TestHome $old
    }

    It 'are objects whose steps filter' {
        $plan | Should -BeOfType OpenCharly.Plans.InstallPlan
        $plan.Name | Should -Be 'host'
        $plan.Steps | Where-Object Verb -eq write | Should -HaveCount 1
        ($plan.Steps | Where-Object Scope -eq UserProfile).Kind | Should -Be 'ShellHook'
    }

    It 'leave out what a closed gate guards, and say so' {
        ($plan.Steps | Where-Object Verb -eq cmd).Skip | Should -Be 'GateClosed'
        $open = Get-CharlyPlan host greeting -AllowRootTasks
        ($open.Steps | Where-Object Verb -eq cmd).Skip | Should -BeNullOrEmpty
        (Get-CharlyPlan host greeting -Yes).Gates.AllowRootTasks | Should -BeTrue
    }

    It 'take overlays' {
        (Get-CharlyPlan host greeting -AddCandy editor).Candies.Name | Sort-Object | Should -Be 'editor', 'greeting'
    }

    It 'are made for several names, also from the pipeline, each with its own error' {
        $plans = 'host', 'nowhere' | Get-CharlyPlan -Ref greeting -ErrorVariable problems -ErrorAction SilentlyContinue
        $plans.Name | Should -Contain 'host'
        (Get-CharlyPlan host no-such-candy -ErrorVariable problems -ErrorAction SilentlyContinue) | Should -BeNullOrEmpty
        $problems[0].CategoryInfo.Category | Should -Be 'ObjectNotFound'
    }

    It 'are what Add-CharlyBundle -DryRun emits' {
        $dry = Add-CharlyBundle host greeting -DryRun
        $dry | Should -BeOfType OpenCharly.Plans.InstallPlan
        $dry.Steps.Digest | Should -Be $plan.Steps.Digest
    }

    Context 'in files' {
        It 'come back as they went out' {
            $plan | Export-CharlyPlan plan.json | Should -BeNullOrEmpty
            $back = Import-CharlyPlan plan.json
            $back | Should -BeOfType OpenCharly.Plans.InstallPlan
            $back.Steps.Digest | Should -Be $plan.Steps.Digest
            $back | Export-CharlyPlan again.json
            Get-Content again.json -Raw | Should -BeExactly (Get-Content plan.json -Raw)
        }

        It 'lie below $PWD' { Join-Path $project 'plan.json' | Should -Exist }

        It 'hold several plans' {
            $plan, (Get-CharlyPlan host editor) | Export-CharlyPlan both.json -PassThru | Should -HaveCount 2
            (Import-CharlyPlan both.json).Ref | Should -Be 'greeting', 'editor'
        }

        It 'are not replaced with -NoClobber' {
            { $plan | Export-CharlyPlan plan.json -NoClobber -ErrorAction Stop } | Should -Throw -ErrorId 'file.exists,*'
        }

        It 'are not written with -WhatIf' {
            $plan | Export-CharlyPlan other.json -WhatIf
            Join-Path $project 'other.json' | Should -Not -Exist
        }

        It 'are found by wildcards, by literal path and from Get-ChildItem' {
            (Import-CharlyPlan 'p*n.json').Count | Should -Be 1
            (Import-CharlyPlan -LiteralPath plan.json).Name | Should -Be 'host'
            (Get-ChildItem plan.json, again.json | Import-CharlyPlan).Count | Should -Be 2
        }

        It 'that are missing or no plans are errors which end nothing else' {
            Set-Content bad.json '{"schema":"opencharly.plan/99"}'
            $found = Import-CharlyPlan missing.json, bad.json, plan.json -ErrorVariable problems -ErrorAction SilentlyContinue
            $found.Name | Should -Be 'host'
            $problems.FullyQualifiedErrorId | Should -Match '^(file\.not_found|PLN005),'
            $problems.Count | Should -Be 2
        }
    }

    Context 'in part' {
        BeforeAll {
            $both = Get-CharlyPlan host greeting -AddCandy editor -Yes
            function Get-WhatIf([scriptblock] $Script) {
                $both | Export-CharlyPlan part.json
                Invoke-FreshShell "Import-Module '$Module'; `$plan = Import-CharlyPlan '$project/part.json'; $Script" | Where-Object { $_ }
            }
        }

        It 'are applied through -Step' {
            $users = @($both.Steps | Where-Object Scope -eq UserProfile)
            $users.Count | Should -BeGreaterThan 0
            Get-WhatIf { Invoke-CharlyPlan -Plan $plan -Step ($plan.Steps | Where-Object Scope -eq UserProfile) -WhatIf } |
                Should -Be "What if: Performing the operation `"Apply $($users.Count) of $($both.Steps.Count) steps`" on target `"host`"."
        }

        It 'are applied from piped steps' {
            Get-WhatIf { $plan.Steps | Where-Object Candy -eq editor | Invoke-CharlyPlan $plan -WhatIf } | Should -Match '"Apply \d+ of \d+ steps" on target "host"'
        }

        It 'are not applied when the filter finds nothing: neither as argument nor from the pipeline' {
            Get-WhatIf { Invoke-CharlyPlan -Plan $plan -Step ($plan.Steps | Where-Object Candy -eq nope) -WhatIf } | Should -Match 'WARNING: host: no step was chosen'
            Get-WhatIf { $plan.Steps | Where-Object Candy -eq nope | Invoke-CharlyPlan $plan -WhatIf } | Should -Match 'WARNING: host: no step was chosen'
        }

        It 'are put together again from the steps of several plans' {
            Get-WhatIf { $plan, (Import-CharlyPlan part.json) | Select-Object -ExpandProperty Steps | Where-Object Candy -eq editor | Invoke-CharlyPlan -WhatIf } |
                Should -HaveCount 2
        }

        It 'refuse steps of another plan' {
            $other = Get-CharlyPlan host editor
            { Invoke-CharlyPlan -Plan $plan -Step $other.Steps -WhatIf } | Should -Throw -ErrorId 'PLN007,*'
        }
    }

    Context 'compared' {
        It 'tell what would change, what would not and what only running tells' {
            $changes = Get-CharlyPlan host greeting -AllowRootTasks | Compare-CharlyPlan
            $changes | ForEach-Object { $_ | Should -BeOfType OpenCharly.Targets.PlanChange }
            $changes.Number | Should -Be (1..$changes.Count)
            ($changes | Where-Object Verdict -eq Unknown).Summary | Should -Be 'cmd: echo root'
            ($changes | Where-Object Verdict -eq Change).Reason | Select-Object -Unique | Should -Be 'NewStep'
        }

        It 'leave out what would not change, with -Changed' {
            (Get-CharlyPlan host greeting | Compare-CharlyPlan -Changed).Verdict | Should -Not -Contain 'NoChange'
        }
    }

    Context 'drawn' {
        It 'are a tree, a chart and a page' {
            $plan | Show-CharlyPlan | Should -Match '(?m)^.{2} greeting$'
            $plan | Show-CharlyPlan -As Mermaid | Should -Match '^flowchart TD'
            $plan | Show-CharlyPlan -As Html | Should -Match '^<!DOCTYPE html>'
        }

        It 'are files, which are emitted' {
            $file = $plan | Show-CharlyPlan -As Html -Path plan.html
            $file | Should -BeOfType System.IO.FileInfo
            $file.FullName | Should -Be (Join-Path $project 'plan.html')
            { $plan | Show-CharlyPlan -As Html -Path plan.html -NoClobber -ErrorAction Stop } | Should -Throw -ErrorId 'file.exists,*'
        }
    }

    Context 'that are stale' {
        It 'are refused, and applied with -Force' {
            $plan | Export-CharlyPlan plan.json
            $stale = @(Get-Content plan.json -Raw | ConvertFrom-Json -AsHashtable)
            $stale[0].basis.facts.distribution = 'plan9 4'
            $stale | ConvertTo-Json -Depth 20 -AsArray | Set-Content stale.json
            $facts = Import-CharlyPlan stale.json
            $facts.Basis.Facts['distribution'] | Should -Be 'plan9 4'
            $facts.Steps | Where-Object Verb -eq write | Invoke-CharlyPlan -ErrorVariable problems -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
            $problems[0].FullyQualifiedErrorId | Should -Match '^PLN006,'
            Join-Path $env:HOME 'greeting' | Should -Not -Exist
            ($facts.Steps | Where-Object Verb -eq write | Invoke-CharlyPlan -Force).Steps.Status | Should -Be 'Done'
            Remove-CharlyBundle host -Confirm:$false | Out-Null
            Join-Path $env:HOME 'greeting' | Should -Not -Exist
        }
    }
}
