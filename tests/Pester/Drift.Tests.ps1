param([Parameter(Mandatory)] [string] $Module)

Describe 'Drift' {
    BeforeAll {
        Import-Module (Join-Path $PSScriptRoot 'TestKit.psm1') -Force
        Import-Module $Module
        $old = Use-TestHome (New-TestHome (Join-Path $TestDrive 'home'))
        $project = Join-Path $TestDrive 'project'
        New-TestProject $project
        Push-Location $project
        $greeting = Join-Path $env:HOME 'greeting'
        $null = Add-CharlyBundle host greeting
    }

    AfterAll {
        $null = Remove-CharlyBundle host -Confirm:$false
        Pop-Location
        Reset-TestHome $old
    }

    AfterEach { $null = Add-CharlyBundle host greeting }

    It 'is nothing where all stands as it was applied' {
        Get-CharlyDrift host | Should -BeNullOrEmpty
        Get-CharlyDrift 'ho*' | Should -BeNullOrEmpty
        Test-CharlyBundle host | Should -BeTrue
    }

    It 'is one object for each difference, with step, before and after' {
        Set-Content $greeting 'theirs'
        $drift = Get-CharlyDrift host
        $drift | Should -HaveCount 1
        $drift | Should -BeOfType OpenCharly.Ledger.DriftItem
        $drift.Kind | Should -Be 'Modified'
        $drift.Candy | Should -Be 'greeting'
        $drift.Path | Should -Be $greeting
        $drift.Before, $drift.After | Should -Match '^sha256:[0-9a-f]{64}$'
        Test-CharlyBundle host | Should -BeFalse
        Test-CharlyBundle host -Verbose 4>&1 | Out-String | Should -Match 'greeting is Modified'
    }

    It 'comes down a pipeline, and goes on in one' {
        Remove-Item $greeting
        (Get-CharlyBundle -NoProbe | Where-Object Name -eq host | Get-CharlyDrift | Group-Object Kind).Name | Should -Be 'Missing'
        $mended = Get-CharlyDrift host | Select-Object -ExpandProperty Bundle -Unique | Add-CharlyBundle -Ref greeting
        @($mended.Steps.Status -eq 'Done').Count | Should -Be 1
        Get-CharlyDrift host | Should -BeNullOrEmpty
    }

    It 'is not what another bundle of ours wrote over, but what somebody wrote over that' {
        $other = Join-Path $project 'candy/louder'
        $null = New-Item -ItemType Directory $other
        Set-Content (Join-Path $other 'charly.yml') @'
candy:
  version: 2026.163.0928
  name: louder
  task:
    - write: ${HOME}/greeting
      content: |
        HELLO
'@
        Set-Content (Join-Path $project 'charly.yml') ((Get-Content (Join-Path $project 'charly.yml') -Raw) + "  loud:`n    target: local`n    add_candy: [louder]`n")
        $null = Add-CharlyBundle loud
        Get-CharlyDrift host, loud | Should -BeNullOrEmpty
        Set-Content $greeting 'theirs'
        (Get-CharlyDrift host, loud).Bundle | Should -Be 'loud'
        $null = Remove-CharlyBundle loud -Confirm:$false
    }

    It 'of a bundle that was never applied is an error, and the others are told all the same' {
        Set-Content $greeting 'theirs'
        $drift = Get-CharlyDrift host, vm:web -ErrorVariable problems -ErrorAction SilentlyContinue
        $drift.Path | Should -Be $greeting
        $problems | Should -HaveCount 1
        $problems[0].ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
        { Get-CharlyDrift nobody -ErrorAction Stop } | Should -Throw -ErrorId 'CFG015,*'
    }
}
